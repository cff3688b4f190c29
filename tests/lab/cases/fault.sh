# SPDX-License-Identifier: GPL-2.0-only
# fault.sh LOAD_CPUS CPUS: forced failures, on each CPU of the lists, of the load and of a CPU that is
# a guest. Whatever fails: one line that names CPU and reason, Linux alive on every CPU, and the next
# load works.
. ./tap.sh
. ./visor.sh
module=/lab/rmvisor-fault-unnamed.ko
load_cpus=$1
cpus=$2

works() { # cpu: Linux runs there, takes interrupts and sends them
    for number in $(cpu_numbers); do
        taskset -c "$number" sleep 0.02 || return 1
    done
    use_cpuid "$1" >/dev/null
}

loads_again() {
    load || { echo "no load afterwards"; return 1; }
    all_have_state linux && unload
}

another_than() { [ "$1" -eq 0 ] && echo 1 || echo 0; } # cpu

refuses() { # name, cpu, what insmod says, what the log says
    mark_log
    said=$(taskset -c "$(another_than "$2")" insmod $module "launch_fault=$1:$2" 2>&1) && { echo "insmod works"; unload; return 1; }
    echo "$said" | grep -q -E "$3" || { echo "insmod says: $said"; return 1; }
    log_has "rmvisor: CPU $2:? .*$4" || return 1
    # busybox's insmod tries twice
    [ "$(new_log | grep 'rmvisor: CPU' | sed 's/^[^]]*//' | sort -u | grep -c .)" -eq 1 ] ||
        { new_log; return 1; }
    ! new_log | grep 'NMI received for unknown reason' || return 1
    is_gone || { echo "something of the module stays"; return 1; }
    works "$2" && loads_again
}

others_have_state() { # cpu, state
    for number in $(cpu_numbers); do
        [ "$number" = "$1" ] || has_state "$number" "$2" || { cat $debugfs/status; return 1; }
    done
}

struck() { # name, cpu, state afterwards, what the log says
    mark_log
    load || return 1
    strike "$2" "$1" || return 1
    has_state "$2" "$3" || { state_line "$2"; return 1; }
    others_have_state "$2" linux || return 1
    works "$2" || { echo "Linux does not work there"; return 1; }
    [ -z "$4" ] || wait_for 30 log_has "rmvisor: CPU $2: .*$4" || { new_log; return 1; }
    unload && is_gone && works "$2" || return 1
    ! new_log | grep 'NMI received for unknown reason'
}

at_load() { for cpu in $load_cpus; do check "load: $1 on CPU $cpu" refuses "$1" "$cpu" "$2" "$3"; done; }
gives_up() { for cpu in $cpus; do check "$1 on CPU $cpu" struck "$1" "$cpu" native "$2"; done; }
. ./fault_table.sh

# A program's exit without an answer; the program goes on, with page-table isolation too.
user_exit() { # cpu
    mark_log
    load && strike "$1" user-exit || return 1
    use_cpuid "$1" || return 1
    has_state "$1" native || { state_line "$1"; return 1; }
    works "$1" && unload && works "$1" && log_has "rmvisor: CPU $1: VM exit without an answer" &&
        ! new_log | grep 'NMI received for unknown reason'
}

plan $((8 * $(echo "$load_cpus" | wc -w) + 14 * $(echo "$cpus" | wc -w) + 2))
load_faults
run_faults
for cpu in $cpus; do
    check "user-exit on CPU $cpu" user_exit "$cpu"
done
check "absent CPU" refuses absent "${cpus##* }" 'timed out' 'does not answer within 5 s'
check "the module loads after all of it" loads_again
finish
