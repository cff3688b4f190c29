# SPDX-License-Identifier: GPL-2.0-only
# soak.sh STEPS SEED: under load, what users and administrators do, in an order that the seed
# decides: the module comes and goes, CPUs go and come, guests run, end and are killed, random ioctls
# and random guests, readers of traces, KVM that wants the CPU. After each step every CPU that is
# online is in the right state. The same seed walks the same way.
. ./tap.sh
. ./visor.sh
. ./stress.sh
steps=$1
seed=$2

# As in hotplug_churn.sh: the same numbers in every awk. Lines: "WHAT NUMBER".
plan_of() { # steps, seed, number of CPUs
    awk -v steps="$1" -v x="$2" -v cpus="$3" 'function draw(n) {
            x = (x * 16807) % 2147483647; return int(x / 7) % n }
        BEGIN { split("module cpu cpu guest guest killed chaos trace kvm stats", what, " ")
            for (i = 0; i < steps; i++) { w = what[1 + draw(10)]
                print w, w == "cpu" ? 1 + draw(cpus - 1) : draw(1000000) } }'
}

toggle_module() { if is_loaded; then unload; else load; fi; }
toggle_cpu() { set_online "$1" $((1 - $(cat "$cpu_folder/cpu$1/online"))); }
# There may be no CPU to give away: then the refusal has to say so.
has_spare_cpu() { [ "$(grep -c '^cpu[1-9].*: linux' $debugfs/status)" -gt 0 ]; }

guest() {
    if has_spare_cpu; then run_guest $guests/hello.bin; else ! run_guest $guests/hello.bin; fi
}
killed_guest() { # number
    has_spare_cpu || return 0
    rmguest run --timeout 60 $guests/spin.bin </dev/null >/dev/null 2>&1 &
    owner=$!
    usleep $(($1 % 400000))
    kill -9 $owner
    wait $owner 2>/dev/null
    true
}
random_round() { has_spare_cpu || return 0; $guests/chaos /dev/rmvisor 1 "$1"; }
read_trace() {
    echo 1 >$debugfs/trace_on && head -n 50 $debugfs/trace >/dev/null
    status=$?
    echo 0 >$debugfs/trace_on
    return $status
}
# With rmvisor loaded KVM can't have the CPU, and says so; natively it can.
try_kvm() {
    lab-insmod kvm_intel >/dev/null 2>&1 && rmmod kvm_intel
    rmmod kvm 2>/dev/null
    true
}

step() { # what, number
    case $1 in
    module) toggle_module ;;
    cpu) toggle_cpu "$2" ;;
    kvm) try_kvm ;;
    *)
        is_loaded || return 0
        case $1 in
        guest) guest ;;
        killed) killed_guest "$2" ;;
        chaos) random_round "$2" ;;
        trace) read_trace ;;
        stats) cat $debugfs/status $debugfs/stats >/dev/null ;;
        esac ;;
    esac
}

right_states() {
    is_loaded || { is_gone; return; }
    for folder in "$cpu_folder"/cpu[0-9]*; do
        number=${folder##*cpu}
        wanted=linux
        [ "$(cat "$folder/online" 2>/dev/null || echo 1)" = 1 ] || wanted=native
        has_state "$number" $wanted || return 1
    done
}
# A killed owner's CPU takes a moment to come back.
settled() { wait_for 20 right_states || { cat $debugfs/status; return 1; }; }

walk() {
    plan_of "$steps" "$seed" "$(number_of_cpus)" >/tmp/plan
    while read -r what number <&3; do
        # A CPU that was given away and comes back must not look like one that was toggled.
        step "$what" "$number" || { echo "$what $number failed"; return 1; }
        settled || { echo "after $what $number"; return 1; }
    done 3</tmp/plan
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
check "the states are right" settled
check "the load ends" stop_stress
is_loaded || load
check "the module unloads" unload
! new_log | grep -q -E 'BUG|Oops|WARNING' && calm=yes || calm=no
is "the kernel has no complaint" $calm yes
finish
