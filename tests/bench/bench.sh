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

# One figure that is not the bench's own: who, what, ticks or bytes.
figure() {
    echo "{\"what\": \"$2\", \"who\": \"$1\", \"samples\": 1, \"min\": $3, \"median\": $3, \"p99\": $3, \"max\": $3}"
}
largest() { sed -n "s/.* $1 \([0-9]*\).*/\1/p" $debugfs/status | sort -n | tail -n 1; }
only() { for cpu in 1 2; do set_online $cpu $((cpu < $1)); done; }

mount -t tracefs tracefs $tracing 2>/dev/null
linux native
for count in 1 2 3; do
    only $count
    load || fail "rmvisor does not load on $count CPUs"
    figure "rmvisor, $count CPUs" launch "$(largest launch_ticks)"
    [ $count = 3 ] || unload || fail "rmvisor does not unload"
done
said() { dmesg | sed -n "s/.*rmvisor: .* \([0-9]*\) KiB $1.*/\1/p" | tail -n 1; }
figure rmvisor "KiB per CPU" "$(said 'per CPU')"
figure rmvisor "KiB of tables" "$(said tables)"
figure rmvisor "module" "$(sed -n 's/^rmvisor \([0-9]*\) .*/\1/p' /proc/modules)"
set_online 2 0
figure rmvisor leave "$(largest leave_ticks)"
set_online 2 1
echo 0 >$debugfs/trace_on
linux "rmvisor linux"
guest /dev/rmvisor rmvisor
echo 0 >$debugfs/stats_on
linux "rmvisor linux, no statistics" cpuid
guest /dev/rmvisor "rmvisor, no statistics" cpuid
echo 1 >$debugfs/stats_on
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
