# SPDX-License-Identifier: GPL-2.0-only
# The benchmark's boot with one CPU, where the emulator's tick is an instruction: exits of Linux, and
# what programs pay for them.
# shellcheck source=tests/bench/common.sh
. "${bench_files:-/lab}/common.sh"

measuring_cpu=0
all="cpuid,cpuid of leaf 1,compile,$loads"
native="1 CPU: native" loaded="1 CPU: rmvisor" again="1 CPU: native, again"

linux "1 CPU: warm-up" "fork and exec"
linux "$native" "$all"
load_it
echo 0 >$debugfs/trace_on
linux "$loaded" "$all"
echo 0 >$debugfs/stats_on
linux "1 CPU: rmvisor, no statistics" cpuid
echo 1 >$debugfs/stats_on
echo 1 >$debugfs/trace_on
linux "1 CPU: rmvisor, trace" cpuid
echo 'reason == cpuid' >$debugfs/filter
linux "1 CPU: rmvisor, trace and filter" cpuid
unload_it
linux "$again" "$all"
around "$again" "$loaded" "$native" "$all"
around "$native" "$loaded" "$again" "$loads"
around "$again" "$loaded" "$native" "$loads"
load_floor
linux "1 CPU: floor" floor
unload_it
load_kvm
guest /dev/kvm "1 CPU: kvm" "cpuid,out to user space"
trace_kvm
guest /dev/kvm "1 CPU: kvm, trace" cpuid
filter_kvm 'exit_reason == 10' # CPUID
guest /dev/kvm "1 CPU: kvm, trace and filter" cpuid
