# SPDX-License-Identifier: GPL-2.0-only
# everyday.sh ROUNDS plain|locks|memory|x2apic: what everybody does with the module, on some kernel, or
# on one that checks itself: locks, contexts, RCU, lists (--kernel debug-6.1), or each access to memory
# and what nobody points to any more (--kernel kasan-6.1). What these find is a complaint in the
# kernel's log, which the launcher judges. debug-6.1 has x2APIC mode as well. Two CPUs.
. ./tap.sh
. ./visor.sh
. ./ending.sh
rounds=$1
kind=$2
leaks=/sys/kernel/debug/kmemleak

# A kernel that found something stops looking for more.
kernel_checks() {
    case $kind in
    locks) grep 'debug_locks: *1$' /proc/lockdep_stats ;;
    plain) ;;
    x2apic) grep 'debug_locks: *1$' /proc/lockdep_stats && dmesg | grep -q 'x2apic enabled' ;;
    memory) [ -e $leaks ] && grep -q ' kasan_report$' /proc/kallsyms ;;
    esac
}

cycles() {
    for round in $(seq "$rounds"); do load && use_cpuid 1 && unload || return 1; done
}
go_and_come() {
    for round in $(seq "$rounds"); do
        set_online 1 0 && has_state 1 native && set_online 1 1 && has_state 1 linux || return 1
    done
}
hellos() {
    for round in $(seq "$rounds"); do run_guest --cpu 1 $guests/hello.bin || return 1; done
}
killed() {
    spin_on 1 || return 1
    kill -KILL $!
    wait_for 30 has_state 1 linux
}
without_cpu() {
    set_online 1 0 && unload && load && set_online 1 1 && all_have_state linux
}
all_is_read() { cat $debugfs/trace $debugfs/stats $debugfs/status >/dev/null && rmguest trace >/dev/null; }
sleep_once() {
    echo 1 >/sys/module/suspend/parameters/pm_test_delay
    echo devices >/sys/power/pm_test && echo freeze >/sys/power/state && all_have_state linux
}
refused() { ! load trace_buffer_kb=3 && is_gone; }

# An object counts as lost in the second scan, and only when it is some seconds old; what is reachable
# by way of the module's data is not lost, so this comes after the unload.
scan() { echo scan >$leaks && sleep 6 && echo scan >$leaks && cat $leaks >/tmp/leaks; }
no_leak() { scan && ! grep -A 20 -E 'rmvisor|visor_|insmod' /tmp/leaks; }
a_leak_is_found() {
    insmod /lab/rmvisor-fault.ko leak=64 && unload && scan && grep -A 20 'insmod' /tmp/leaks
}
leaks_are_found() {
    if [ "$kind" = memory ]; then
        check "nothing has leaked" no_leak
        check "something forgotten on purpose is found" a_leak_is_found
    fi
}

plan $((15 + $([ "$kind" = memory ] && echo 2 || echo 0)))
check "the kernel checks itself" kernel_checks
[ ! -e $leaks ] || echo clear >$leaks
check "$rounds times load and unload" cycles
check "a load that is refused" refused
check "the module loads" load
check "every CPU is a guest" all_have_state linux
check "CPU 1 goes and comes $rounds times" go_and_come
check "$rounds times a guest" hellos
check "a guest whose owner is killed" killed
check "trace and figures are read" all_is_read
check "the module goes and comes while CPU 1 is offline" without_cpu
if [ -e /sys/power/pm_test ]; then
    check "Linux sleeps and comes back" sleep_once
else
    skip "Linux sleeps and comes back" "the kernel has no pm_test"
fi
check "a guest after it" run_guest --cpu 1 $guests/hello.bin
check "the module unloads" unload
leaks_are_found
check "the kernel still checks itself" kernel_checks
check "and the module is gone" is_gone
finish
