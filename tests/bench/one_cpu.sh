# SPDX-License-Identifier: GPL-2.0-only
# The benchmark's boot with one CPU, where the emulator's tick is an instruction: exits of Linux.
# shellcheck source=tests/bench/common.sh
. /lab/common.sh

measuring_cpu=0
linux "1 CPU: native" cpuid
load_it
echo 0 >$debugfs/trace_on
linux "1 CPU: rmvisor" cpuid
echo 0 >$debugfs/stats_on
linux "1 CPU: rmvisor, no statistics" cpuid
echo 1 >$debugfs/stats_on
echo 1 >$debugfs/trace_on
linux "1 CPU: rmvisor, trace" cpuid
unload_it
load_floor
linux "1 CPU: floor" floor
unload_it
load_kvm
guest /dev/kvm "1 CPU: kvm" "cpuid,out to user space"
trace_kvm
guest /dev/kvm "1 CPU: kvm, trace" cpuid
