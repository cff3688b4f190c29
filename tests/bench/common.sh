# SPDX-License-Identifier: GPL-2.0-only
# What the benchmark's boots share. One JSON object a line is a figure. The files are in /lab, or where
# bench.py --here has put them.
files=${bench_files:-/lab}
# shellcheck source=tests/lab/cases/visor.sh
. "$files/visor.sh"

module=$files/rmvisor.ko
folder=$files/bench
tracing=/sys/kernel/tracing
image=$folder/guest.bin
measuring_cpu=1
loads="system call,page fault,work on memory,fork and exec,pipe round trip"
bench() { taskset -c $measuring_cpu "$folder/bench" "$@" || fail "bench $*"; }
linux() { bench linux "$1" 0 "$2"; }           # who, names
guest() { bench guest "$1" "$image" "$2" "$3"; } # device, who, names
fail() { echo "bench: $*" >&2; exit 1; }

# One figure that is not the bench's own: who, what, ticks or bytes.
figure() {
    [ -n "$3" ] || fail "$1, $2: no such figure"
    echo "{\"what\": \"$2\", \"who\": \"$1\", \"samples\": 1, \"min\": $3, \"median\": $3, \"p99\": $3, \"max\": $3}"
}
largest() { sed -n "s/.* $1 \([0-9]*\).*/\1/p" $debugfs/status | sort -n | tail -n 1; }
said() { dmesg | sed -n "s/.*rmvisor: .* \([0-9]*\) KiB $1.*/\1/p" | tail -n 1; }
load_it() { load || fail "rmvisor does not load"; }
load_floor() { insmod "$files/rmvisor-fault.ko" || fail "the build with the floor does not load"; }
unload_it() { unload || fail "rmvisor does not unload"; }
# Loads before the module is there, with it, and after it.
around() { # who before, who with it, who after, names
    linux "$1" "$4"
    load_it
    echo 0 >$debugfs/trace_on
    linux "$2" "$4"
    unload_it
    linux "$3" "$4"
}
insert_kvm() { if [ "$files" = /lab ]; then lab-insmod kvm_intel; else modprobe kvm_intel; fi; }
load_kvm() { insert_kvm || fail "KVM does not load"; }

# Another program that wants the CPU of the measurement.
busy() {
    taskset -c $measuring_cpu sh -c 'while :; do :; done' &
    "$@"
    kill $!
}

# Of Linux, on all CPUs, while the command runs for two seconds.
exits() { awk '$1 ~ /^[0-9]+$/ && $2 ~ /^[0-9]+$/ { sum += $4 } END { print sum + 0 }' $debugfs/stats; }
exits_in_a_second() { # what, command...
    what=$1; shift
    before=$(exits)
    "$@"
    figure "rmvisor linux" "exits in a second, $what" $((($(exits) - before) / 2))
}
start_programs() { timeout 2 sh -c 'while :; do /bin/busybox true; done'; }
trace_kvm() { echo 1 >$tracing/events/kvm/kvm_exit/enable || fail "no tracepoint kvm_exit"; }
filter_kvm() { echo "$1" >$tracing/events/kvm/kvm_exit/filter || fail "no filter of kvm_exit"; }

# A machine that is not the lab's goes on afterwards.
clean_up() {
    echo 0 >$tracing/events/kvm/kvm_exit/enable
    echo local >$tracing/trace_clock
    for loaded in rmtest kvm_intel kvm rmvisor; do rmmod $loaded; done
} 2>/dev/null
[ "$files" = /lab ] || trap clean_up EXIT

mount -t tracefs tracefs $tracing 2>/dev/null
