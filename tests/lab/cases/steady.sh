# SPDX-License-Identifier: GPL-2.0-only
# steady.sh IDLE LOAD (seconds): Linux as a guest exits for what the architecture forces, and for
# nothing else: idle, under load, and in a storm of interrupts.
. ./tap.sh
. ./visor.sh
. ./stress.sh
idle=$1
load=$2

# CPU and reason -> count. Everything else in the file is for people.
counts() { awk '$1 ~ /^[0-9]+$/ && $2 ~ /^[0-9]+$/ { print $1, $2, $3, $4 }' $debugfs/stats; }

# What was added since `counts` wrote the file $1: CPU, reason, its name, count.
added() {
    counts | awk -v before="$1" '
        BEGIN { while ((getline line <before) > 0) { split(line, f); old[f[1], f[2]] = f[4] } }
        { delta = $4 - old[$1, $2]; if (delta != 0) print $1, $2, $3, delta }'
}

# 10 CPUID, 55 XSETBV: VMX has no control for them. 18: VMCALL, which only the module executes.
# 31, 32: RDMSR and WRMSR of what no bitmap covers, and writes of MTRRs.
not_forced() { awk '$2 !~ /^(10|18|31|32|55)$/'; }

# Prints what was added while the command ran, and fails if some of it was avoidable.
only_forced() { # seconds, command...
    seconds=$1; shift
    counts >/tmp/counts
    "$@" || { echo "exit status $?: $*"; return 1; }
    added /tmp/counts >/tmp/added
    awk -v seconds="$seconds" '{ sum[$2 " " $3] += $4 }
        END { for (reason in sum) print "# exits: " reason " " sum[reason] " in " seconds " s" }' \
        /tmp/added >/tmp/summary
    ! not_forced </tmp/added | grep .
}

report() { cat /tmp/summary; }

plan 10
mark_log
check "the module loads" load
check "stress-ng runs at all" stress --timeout 1 --cpu 1
check "exits are counted" sh -c "taskset -c 0 stress-ng --version && grep -q '^ *0 *10 ' $debugfs/stats"
check "idle" only_forced "$idle" sleep "$idle"
report
check "files and processes, as a compiler makes them" only_forced "$load" compile_like "$load"
report
check "faults, forks and switches on every CPU" only_forced "$load" general_load "$load"
report
check "interrupts between CPUs and from timers" only_forced "$load" interrupt_load "$load"
report
check "every CPU is still a guest" all_have_state linux
check "the module unloads" unload
check "the log is calm" log_is_calm
finish
