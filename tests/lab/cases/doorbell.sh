# SPDX-License-Identifier: GPL-2.0-only
# doorbell.sh: root rings nobody any more (rmvisor/fault, no-doorbell): a sleeping owner finds the end of its guest by
# itself, says so, and all is as before once Linux has moved the interrupt. Module with FAULT=1, two CPUs.
. ./tap.sh
. ./visor.sh
module=/lab/rmvisor-fault.ko
unheard='rmvisor: CPU 1 stopped, but its doorbell was not heard'

lose_doorbell() { echo no-doorbell >$debugfs/fault; }
says_nothing() { ! new_log | grep "$unheard"; }
move_interrupt() {
    irq=$(sed -n 's/^ *\([0-9]*\):.*rmvisor-doorbell.*/\1/p' /proc/interrupts)
    echo 1 >"/proc/irq/$irq/smp_affinity"
}

plan 10
mark_log
check "the module loads" load
check "a guest ends while its owner sleeps" owner_states late
check "the doorbell woke it" says_nothing
check "the doorbell is lost" lose_doorbell
check "the owner notices the end" owner_states late
check "and the log says so" log_has "$unheard"
mark_log
check "Linux moves the interrupt" move_interrupt
check "a guest ends while its owner sleeps" owner_states late
check "the doorbell woke it" says_nothing
check "the module unloads" unload
finish
