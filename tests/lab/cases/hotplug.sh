# SPDX-License-Identifier: GPL-2.0-only
# hotplug.sh ROUNDS: CPUs come and go while the module is loaded, and while it is not. Four CPUs.
. ./tap.sh
. ./visor.sh
rounds=$1

go_and_come() { # cpu
    set_online "$1" 0 || return 1
    has_state "$1" native || { state_line "$1"; return 1; }
    set_online "$1" 1 || return 1
    has_state "$1" linux || { state_line "$1"; return 1; }
    use_cpuid "$1"
}

loop() {
    for round in $(seq "$rounds"); do
        for cpu in 1 2 3; do
            go_and_come $cpu || { echo "round $round, CPU $cpu"; return 1; }
        done
    done
}

set_all() { # 0 or 1
    for cpu in 1 2 3; do set_online $cpu "$1" || return 1; done
}

plan 20
mark_log
check "the module loads" load
for cpu in 1 2 3; do
    check "CPU $cpu goes native and comes back as a guest" go_and_come $cpu
done
check "$rounds rounds of it" loop

check "CPU 2 goes" set_online 2 0
check "the module unloads while CPU 2 is offline" unload
check "CPU 2 comes back natively" set_online 2 1
check "programs run on it" use_cpuid 2

check "CPU 3 goes" set_online 3 0
check "the module loads while CPU 3 is offline" load
is "CPU 3 is native" "$(state_of 3)" native
check "CPU 3 comes" set_online 3 1
check "every CPU is a guest" all_have_state linux

check "all CPUs but the first go" set_all 0
check "the module unloads on one CPU, and loads" sh -c "rmmod rmvisor && insmod $module"
check "the others come" set_all 1
check "every CPU is a guest again" all_have_state linux
check "the module unloads" unload
check "the log is calm" log_is_calm
finish
