# SPDX-License-Identifier: GPL-2.0-only
# registers.sh: what the kernel and programs can see of VMX in a CPU: nothing.
. ./tap.sh
. ./visor.sh
rmtest=/sys/kernel/debug/rmtest

same_registers() { # file
    cat $rmtest/state >/tmp/registers.now
    diff "$1" /tmp/registers.now
}
registers_can_be_read() {
    [ "$(grep -c '^cpu[0-9]*: .*CR4 .*GDT .*GS_BASE' /tmp/registers)" -eq "$(grep -c ^processor /proc/cpuinfo)" ]
}

osxsave_is_mirrored() { [ "$(grep -c ' OSXSAVE 01 ' /tmp/registers)" -eq "$(grep -c ^processor /proc/cpuinfo)" ]; }

# 6: #UD; 4: SIGILL, which it becomes in a program; 13: #GP.
kernel_gets_ud() {
    cat $rmtest/vmx >/tmp/raised
    [ "$(grep -c ' 6$' /tmp/raised)" -eq 14 ] || { cat /tmp/raised; return 1; }
}
kernel_gets_gp() { grep -x 'xsetbv 13' /tmp/raised; }
programs_get_sigill() {
    for cpu in $(cpu_numbers); do
        taskset -c "$cpu" vmx_user >/tmp/signals || return 1
        [ "$(grep -c ' 4$' /tmp/signals)" -eq 14 ] || { echo "CPU $cpu"; cat /tmp/signals; return 1; }
    done
}

no_forced_failures() {
    [ ! -e $debugfs/fault ] && ! grep -E '\b(visor_fault_now|fault_arm_launch)\b' /proc/kallsyms
}

backtraces() {
    echo l >/proc/sysrq-trigger
    sleep 1
    for cpu in $(cpu_numbers); do
        log_has "(NMI backtrace for cpu $cpu|CPU: $cpu PID)" || return 1
    done
}

plan 22
check "rmtest loads" insmod /lab/rmtest.ko
cat $rmtest/state >/tmp/registers
check "the registers can be read" registers_can_be_read
check "CPUID says what CR4.OSXSAVE says" osxsave_is_mirrored
check "they stay as they are" same_registers /tmp/registers
check "natively VMX instructions of the kernel are #UD" kernel_gets_ud
check "and XSETBV of an XCR0 that can't be is #GP" kernel_gets_gp
check "and SIGILL for programs" programs_get_sigill

check "the module loads" load
mark_log
check "the registers are the same" same_registers /tmp/registers
check "VMX instructions of the kernel are #UD" kernel_gets_ud
check "and XSETBV, which root does for it, is #GP" kernel_gets_gp
check "and SIGILL for programs" programs_get_sigill
check "every CPU is still a guest" all_have_state linux
check "an ordinary module can't force failures" no_forced_failures
check "sysrq-l shows the back trace of every CPU" backtraces
skip "nmi_watchdog counts" "the emulated CPUs have no performance counters"
check "every CPU is still a guest" all_have_state linux
check "the module unloads" unload
check "the registers are the same" same_registers /tmp/registers
check "VMX instructions of the kernel are #UD" kernel_gets_ud
check "and SIGILL for programs" programs_get_sigill
check "rmtest unloads" rmmod rmtest
finish
