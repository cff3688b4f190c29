# SPDX-License-Identifier: GPL-2.0-only
# The benchmark's main boot. CPU 0 is left to Linux, CPU 1 measures, and the guest of rmvisor has
# CPU 2.
# shellcheck source=tests/bench/common.sh
. "${bench_files:-/lab}/common.sh"

sizes="1 16 128 1024" # MiB
# Native, loaded and native again, the other way round, and both once more: what drifts is in all of them.
linux warm-up "fork and exec"
linux native
load_it
figure rmvisor "KiB per CPU" "$(said 'per CPU')"
figure rmvisor "KiB of tables" "$(said tables)"
figure rmvisor "module" "$(sed -n 's/^rmvisor \([0-9]*\) .*/\1/p' /proc/modules)"
echo 0 >$debugfs/trace_on
linux "rmvisor linux"
exits_in_a_second idle sleep 2
exits_in_a_second "programs start all the time" start_programs
guest /dev/rmvisor rmvisor
bench kick "$image" rmvisor 1
# shellcheck disable=SC2086 # several numbers
bench sizes /dev/rmvisor "$image" rmvisor $sizes
echo 0 >$debugfs/stats_on
linux "rmvisor linux, no statistics" cpuid
guest /dev/rmvisor "rmvisor, no statistics" cpuid
echo 1 >$debugfs/stats_on
echo 1 >$debugfs/trace_on
linux "rmvisor linux, trace" cpuid
guest /dev/rmvisor "rmvisor, trace" "cpuid,out to user space"
echo 'reason == cpuid' >$debugfs/filter
linux "rmvisor linux, trace and filter" cpuid
guest /dev/rmvisor "rmvisor, trace and filter" cpuid
echo 0 >$debugfs/filter
bench trace $debugfs/per_cpu/cpu2/trace_raw "rmvisor, binary trace" 2
bench trace $debugfs/trace_pipe "rmvisor, text trace" 2
unload_it
linux "native, again"
around "native, again" "rmvisor linux" native
around native "rmvisor linux" "native, again" "$loads,IPI round trip"
around "native, again" "rmvisor linux" native "$loads,IPI round trip"

load_floor
linux "floor linux" floor
guest /dev/rmvisor floor floor
unload_it

load_kvm
guest /dev/kvm kvm
# shellcheck disable=SC2086 # several numbers
bench sizes /dev/kvm "$image" kvm $sizes
insmod "$files/rmtest.ko" || fail "rmtest.ko does not load"
trace_kvm
echo x86-tsc >$tracing/trace_clock
bench kvm-kick "$image" kvm 2 $tracing/per_cpu/cpu2/trace
echo local >$tracing/trace_clock
guest /dev/kvm "kvm, trace" "cpuid,out to user space"
filter_kvm 'exit_reason == 10' # CPUID
guest /dev/kvm "kvm, trace and filter" cpuid
filter_kvm 0
bench kvm-trace $tracing/per_cpu/cpu2 trace_pipe_raw "$image" "kvm, binary trace" 2
bench kvm-trace $tracing/per_cpu/cpu2 trace_pipe "$image" "kvm, text trace" 2
