# SPDX-License-Identifier: GPL-2.0-only
# What the cases know of rmvisor; to be sourced after tap.sh.

module=/lab/rmvisor.ko
guests=/lab/guests
debugfs=/sys/kernel/debug/rmvisor
cpu_folder=/sys/devices/system/cpu

online() { cat $cpu_folder/online; }
all_online() { [ "$(online)" = "$(cat $cpu_folder/present)" ]; }
cpu_numbers() { seq 0 $(($(grep -c ^processor /proc/cpuinfo) - 1)); }
set_online() { echo "$2" >"$cpu_folder/cpu$1/online"; } # number, 0 or 1

load() { insmod $module "$@"; }
unload() { rmmod rmvisor; }
is_loaded() { [ -d /sys/module/rmvisor ]; }
is_gone() { ! is_loaded && [ ! -e $debugfs ] && [ ! -e /dev/rmvisor ]; }

# "linux", "native", "parked", "running", "broken"; with its owner in state_line.
state_line() { grep -m 1 "^cpu$1:" $debugfs/status; }
state_of() { state_line "$1" | sed 's/^cpu[0-9]*: \([a-z]*\).*/\1/'; }
has_state() { [ "$(state_of "$1")" = "$2" ]; }
# A guest that has something done by its owner is parked meanwhile.
runs_guest() { wait_for 5 has_state "$1" running; }
all_have_state() {
    for number in $(cpu_numbers); do
        has_state "$number" "$1" || { cat $debugfs/status; return 1; }
    done
}

wait_for() { # seconds, command...
    wait_left=$(($1 * 10)); shift
    until "$@" >/dev/null 2>&1; do
        wait_left=$((wait_left - 1))
        [ $wait_left -gt 0 ] || { echo "waited in vain for: $*"; return 1; }
        sleep 0.1
    done
}

# The kernel's log since mark_log.
mark_log() { log_mark=$(dmesg | wc -l); }
new_log() { dmesg | tail -n +$((log_mark + 1)); }
log_has() { new_log | grep -q -E "$1" || { new_log | tail -n 20; return 1; }; }

# rmvisor has nothing to say but that it came and went.
log_is_calm() { # [what may be there, too]
    ! new_log | grep 'rmvisor:' |
        grep -v -E "CPUs run as guests|Linux runs natively|SMM: dual monitor|taint${1:+|$1}"
}

run_guest() { rmguest run --timeout 60 "$@" </dev/null; }

# On CPU $1: as every program begins, the C library asks the CPU by CPUID, many times.
use_cpuid() { taskset -c "$1" true; }

# Builds that can force failures: one of those that rmvisor/fault lists.
strike() { taskset -c "$1" sh -c "echo $2 >$debugfs/fault"; } # cpu, name
