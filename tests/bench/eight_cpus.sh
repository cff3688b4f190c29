# SPDX-License-Identifier: GPL-2.0-only
# The benchmark's boot with eight CPUs: launch on more and more of them, two vCPUs, what a guest takes
# of the kernel's memory, and gaps. CPU 1 measures, CPU 7 is isolated (isolcpus=).
# shellcheck source=tests/bench/common.sh
. "${bench_files:-/lab}/common.sh"

isolated=7
guests_cpus="3 4 5 6" # of those that rmvisor takes for four guests
only() { for cpu in $(seq 1 7); do set_online "$cpu" $((cpu < $1)); done; }
gaps() { guest "$1" "$2" gaps; } # device, who
measure() { # device, who, the other vCPU's owner
    gaps "$1" "$2"
    busy gaps "$1" "$2, busy CPU"
    bench smp "$1" "$folder"/smp.bin "$2" "$3"
    bench smp "$1" "$folder"/smp_xapic.bin "$2, xAPIC" "$3"
}

for count in 1 2 4 8; do
    only $count
    load_it
    figure "rmvisor, $count CPUs" launch "$(largest launch_ticks)"
    figure "rmvisor, $count CPUs" "VMCS set-up" "$(largest setup_ticks)"
    [ $count = 8 ] || unload_it
done
set_online 6 0
figure rmvisor leave "$(largest leave_ticks)"
set_online 6 1
echo 0 >$debugfs/trace_on
measure /dev/rmvisor "rmvisor, 8 CPUs" 0
# shellcheck disable=SC2086 # several numbers
bench guests /dev/rmvisor "$image" "rmvisor, 8 CPUs" 4 $guests_cpus
unload_it
load_kvm
measure /dev/kvm "kvm, 8 CPUs" 2
bench guests /dev/kvm "$image" "kvm, 8 CPUs" 4
measuring_cpu=$isolated
gaps /dev/kvm "kvm, isolated CPU"
