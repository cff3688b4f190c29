# SPDX-License-Identifier: GPL-2.0-only
# What the benchmark's boots share. One JSON object a line is a figure.
# shellcheck source=tests/lab/cases/visor.sh
. /lab/visor.sh

folder=/lab/bench
tracing=/sys/kernel/tracing
image=$folder/guest.bin
measuring_cpu=1
bench() { taskset -c $measuring_cpu $folder/bench "$@" || fail "bench $*"; }
linux() { bench linux "$1" 0 "$2"; }           # who, names
guest() { bench guest "$1" $image "$2" "$3"; } # device, who, names
fail() { echo "bench: $*" >&2; exit 1; }

# One figure that is not the bench's own: who, what, ticks or bytes.
figure() {
    echo "{\"what\": \"$2\", \"who\": \"$1\", \"samples\": 1, \"min\": $3, \"median\": $3, \"p99\": $3, \"max\": $3}"
}
largest() { sed -n "s/.* $1 \([0-9]*\).*/\1/p" $debugfs/status | sort -n | tail -n 1; }
said() { dmesg | sed -n "s/.*rmvisor: .* \([0-9]*\) KiB $1.*/\1/p" | tail -n 1; }
load_it() { load || fail "rmvisor does not load"; }
load_floor() { insmod /lab/rmvisor-fault.ko || fail "the build with the floor does not load"; }
unload_it() { unload || fail "rmvisor does not unload"; }
load_kvm() { lab-insmod kvm_intel || fail "KVM does not load"; }

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

mount -t tracefs tracefs $tracing 2>/dev/null
