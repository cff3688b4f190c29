# SPDX-License-Identifier: GPL-2.0-only
# The benchmark, in the lab: everything in one boot, one JSON object a line. CPU 0 is left to Linux,
# CPU 1 measures, and the guest of rmvisor has CPU 2.
. /lab/visor.sh

folder=/lab/bench
tracing=/sys/kernel/tracing
bench() { taskset -c 1 $folder/bench "$@" || exit 1; }
linux() { bench linux "$1" 0 "$2"; }
guest() { bench guest "$1" $folder/guest.bin "$2" "$3"; }
fail() { echo "bench: $*" >&2; exit 1; }

mount -t tracefs tracefs $tracing 2>/dev/null
linux native
load || fail "rmvisor does not load"
echo 0 >$debugfs/trace_on
echo 0 >$debugfs/stats_on
linux "rmvisor linux"
guest /dev/rmvisor rmvisor
echo 1 >$debugfs/trace_on
linux "rmvisor linux, trace" cpuid
guest /dev/rmvisor "rmvisor, trace" "cpuid,out to user space"
unload || fail "rmvisor does not unload"

insmod /lab/rmvisor-fault.ko || fail "the build with the floor does not load"
linux "floor linux" floor
guest /dev/rmvisor floor floor
unload || fail "the build with the floor does not unload"

lab-insmod kvm_intel || fail "KVM does not load"
guest /dev/kvm kvm
echo 1 >$tracing/events/kvm/kvm_exit/enable || fail "no tracepoint kvm_exit"
guest /dev/kvm "kvm, trace" "cpuid,out to user space"
