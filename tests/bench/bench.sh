# SPDX-License-Identifier: GPL-2.0-only
# The benchmark's main boot. CPU 0 is left to Linux, CPU 1 measures, and the guest of rmvisor has
# CPU 2.
# shellcheck source=tests/bench/common.sh
. /lab/common.sh

only() { for cpu in 1 2; do set_online $cpu $((cpu < $1)); done; }

linux native
for count in 1 2 3; do
    only $count
    load_it
    figure "rmvisor, $count CPUs" launch "$(largest launch_ticks)"
    figure "rmvisor, $count CPUs" "VMCS set-up" "$(largest setup_ticks)"
    [ $count = 3 ] || unload_it
done
figure rmvisor "KiB per CPU" "$(said 'per CPU')"
figure rmvisor "KiB of tables" "$(said tables)"
figure rmvisor "module" "$(sed -n 's/^rmvisor \([0-9]*\) .*/\1/p' /proc/modules)"
set_online 2 0
figure rmvisor leave "$(largest leave_ticks)"
set_online 2 1
echo 0 >$debugfs/trace_on
linux "rmvisor linux"
guest /dev/rmvisor rmvisor
bench kick $image rmvisor 1
echo 0 >$debugfs/stats_on
linux "rmvisor linux, no statistics" cpuid
guest /dev/rmvisor "rmvisor, no statistics" cpuid
echo 1 >$debugfs/stats_on
echo 1 >$debugfs/trace_on
linux "rmvisor linux, trace" cpuid
guest /dev/rmvisor "rmvisor, trace" "cpuid,out to user space"
bench trace $debugfs/per_cpu/cpu2/trace_raw "rmvisor, binary trace" 2
bench trace $debugfs/trace_pipe "rmvisor, text trace" 2
unload_it
linux "native, again"

load_floor
linux "floor linux" floor
guest /dev/rmvisor floor floor
unload_it

load_kvm
guest /dev/kvm kvm
insmod /lab/rmtest.ko
bench kvm-kick $image kvm 2
trace_kvm
guest /dev/kvm "kvm, trace" "cpuid,out to user space"
bench kvm-trace $tracing/per_cpu/cpu2 trace_pipe_raw $image "kvm, binary trace" 2
bench kvm-trace $tracing/per_cpu/cpu2 trace_pipe $image "kvm, text trace" 2
