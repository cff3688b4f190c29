# SPDX-License-Identifier: GPL-2.0-only
# init_storm.sh STATUS: a guest that reaches the machine's own APIC and INITs itself (module with
# FAULT=1). STATUS is what rmguest then ends with. Two CPUs.
. ./tap.sh
. ./visor.sh
module=/lab/rmvisor-fault.ko
wanted=$1

plan 6
check "the module loads" load
check "guests reach the machine's APIC" sh -c 'echo 1 >/sys/module/rmvisor/parameters/physical_apic'
fails "a guest that INITs itself comes to an end" "$wanted" run_guest --apic $guests/init_storm.bin
check "its CPU is back with Linux" wait_for 20 all_have_state linux
check "and works" use_cpuid 1
check "the module unloads" unload
finish
