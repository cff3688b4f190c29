# SPDX-License-Identifier: GPL-2.0-only
# hotplug_churn.sh STEPS SEED: under load, CPUs go and come and the module with them, in an order
# that the seed decides. After each step every CPU that is online is in the right state.
. ./tap.sh
. ./visor.sh
. ./stress.sh
steps=$1
seed=$2

# The same numbers for the same seed, in every awk: x = 16807 x mod (2^31 - 1).
plan_of() { # steps, seed, number of CPUs; lines "toggle-module" or "toggle-cpu N"
    awk -v steps="$1" -v x="$2" -v cpus="$3" 'function draw(n) {
            x = (x * 16807) % 2147483647; return int(x / 7) % n }
        BEGIN { for (i = 0; i < steps; i++)
            if (draw(4) == 0) print "toggle-module"
            else print "toggle-cpu", 1 + draw(cpus - 1) }'
}

toggle_module() { if is_loaded; then unload; else load; fi; }
toggle_cpu() { set_online "$1" $((1 - $(cat "$cpu_folder/cpu$1/online"))); }

right_states() {
    is_loaded || { is_gone; return; }
    for folder in "$cpu_folder"/cpu[0-9]*; do
        number=${folder##*cpu}
        wanted=linux
        [ "$(cat "$folder/online" 2>/dev/null || echo 1)" = 1 ] || wanted=native
        has_state "$number" $wanted || { cat $debugfs/status; return 1; }
    done
}

walk() {
    plan_of "$steps" "$seed" "$(number_of_cpus)" >/tmp/plan
    while read -r what number; do
        case $what in
        toggle-module) toggle_module ;;
        toggle-cpu) toggle_cpu "$number" ;;
        esac || { echo "$what $number failed"; return 1; }
        right_states || { echo "after $what $number"; return 1; }
    done </tmp/plan
}

come_back() {
    for cpu in $(seq 1 $((all - 1))); do
        [ "$(cat $cpu_folder/cpu$cpu/online)" = 1 ] || set_online $cpu 1 || return 1
    done
}

plan 8
mark_log
all=$(number_of_cpus)
start_light_stress
check "every CPU is busy" wait_for 20 stress_runs
check "$steps steps with seed $seed" walk
is "all of them were taken" "$(wc -l </tmp/plan)" "$steps"
check "all CPUs come back" come_back
check "the states are right" right_states
check "the load ends" stop_stress
is_loaded || load
check "the module unloads" unload
check "the log is calm" log_is_calm
finish
