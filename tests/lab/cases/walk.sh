# SPDX-License-Identifier: GPL-2.0-only
# A random walk under load; to be sourced after tap.sh, visor.sh and stress.sh by a case that has
#
#   patience      seconds that the CPUs may take to reach their state after a step
#   print_steps   awk: prints the lines "WHAT NUMBER" of `steps` steps; draw(n) is a number below n
#   step          does one of them: what, number
#   walk_folder   for the files plan and walked; /tmp
#
# The same seed walks the same way, in every awk: x = 16807 x mod (2^31 - 1).

walk_folder=${walk_folder:-/tmp}

plan_of() { # steps, seed, number of CPUs
    awk -v steps="$1" -v x="$2" -v cpus="$3" \
        'function draw(n) { x = (x * 16807) % 2147483647; return int(x / 7) % n }
        BEGIN { '"$print_steps"' }'
}

toggle_module() { if is_loaded; then unload; else load; fi; }
toggle_cpu() { set_online "$1" $((1 - $(cat "$cpu_folder/cpu$1/online"))); }

right_states() {
    is_loaded || { is_gone; return; }
    for folder in "$cpu_folder"/cpu[0-9]*; do
        number=${folder##*cpu}
        wanted=linux
        [ "$(cat "$folder/online" 2>/dev/null || echo 1)" = 1 ] || wanted=native
        has_state "$number" $wanted || return 1
    done
}
settled() { wait_for "$patience" right_states || { cat $debugfs/status; return 1; }; }

walk() {
    plan_of "$steps" "$seed" "$(number_of_cpus)" >"$walk_folder/plan"
    : >"$walk_folder/walked"
    while read -r planned_step <&3; do
        # shellcheck disable=SC2086  # two words
        step $planned_step || { echo "$planned_step failed"; return 1; }
        settled || { echo "after $planned_step"; return 1; }
        echo "$planned_step" >>"$walk_folder/walked"
    done 3<"$walk_folder/plan"
}

come_back() {
    for cpu in $(seq 1 $((all - 1))); do
        [ "$(cat $cpu_folder/cpu$cpu/online)" = 1 ] || set_online "$cpu" 1 || return 1
    done
}

# Seven tests.
walk_under_load() {
    mark_log
    all=$(number_of_cpus)
    start_light_stress
    check "every CPU is busy" wait_for 20 stress_runs
    check "$steps steps with seed $seed" walk
    is "all of them were taken" "$(wc -l <"$walk_folder/walked")" "$steps"
    echo "# $(tr '\n' ',' <"$walk_folder/walked")"
    check "all CPUs come back" come_back
    check "the states are right" settled
    check "the load ends" stop_stress
    is_loaded || load
    check "the module unloads" unload
}
