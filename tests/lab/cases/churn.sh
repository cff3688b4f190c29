# SPDX-License-Identifier: GPL-2.0-only
# churn.sh CYCLES: the module comes and goes while every CPU is busy, and leaves nothing behind.
. ./tap.sh
. ./visor.sh
. ./stress.sh
. ./memory.sh
module=/lab/rmvisor-unnamed.ko
cycles=$1
warm=5
rmtest=/sys/kernel/debug/rmtest

cycle() { # how often
    for count in $(seq "$1"); do
        load || { echo "cycle $count"; return 1; }
        unload || { echo "cycle $count"; return 1; }
    done
}

begin() { start_polite_stress && wait_for 20 stress_runs; }
loaded_in_log() { new_log | grep -c 'CPUs run as guests'; }

# CR0, CR4, DR6, DR7, GDT, IDT, TR, segments, MSRs (DEBUGCTL among them) of every CPU.
registers_can_be_read() {
    [ "$(grep -c '^cpu[0-9]*: .*CR4 .*DR7 .*GDT .*IDT .*TR .*DEBUGCTL' /tmp/registers)" -eq "$(number_of_cpus)" ]
}
same_registers() { diff /tmp/registers $rmtest/state; }

leaves_no_state() { ! grep rmvisor /sys/devices/system/cpu/hotplug/states /proc/interrupts /proc/misc; }

plan 17
check "the caches count exactly" exact_caches
check "rmtest loads" insmod /lab/rmtest.ko
cat $rmtest/state >/tmp/registers
check "the registers can be read" registers_can_be_read
mark_log
check "every CPU is busy" begin
check "the module comes and goes a first time" cycle $warm
check "the load ends" stop_stress
remember_memory
check "every CPU is busy again" begin
check "$cycles cycles under load" cycle "$cycles"
check "the load still runs" stress_runs
check "the load ends" stop_stress
is "each launch was on every CPU" "$(loaded_in_log)" $((cycles + warm))
check "less than one page or object for two cycles stays" memory_grew_less $((cycles / 2))
echo "$tap_out" | sed "s,^,# ,"
check "the registers are as before" same_registers
check "no area of the module's is left" no_lost_area
check "no hotplug state, interrupt or device is left" leaves_no_state
check "nothing of it stays" is_gone
check "the log is calm" log_is_calm
rmmod rmtest
finish
