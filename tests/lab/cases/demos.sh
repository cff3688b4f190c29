# SPDX-License-Identifier: GPL-2.0-only
# The demonstrations of `make run`, from end to end: each ends well, and what it shows is there.
. ./tap.sh
. ./visor.sh

show() { cat /tmp/shown; }
demonstrate() { # script
    sh "./$1" >/tmp/shown 2>&1
    status=$?
    [ $status -eq 0 ] || tail -n 30 /tmp/shown # the last 20 are the kernel's (demo_steps.sh)
    return $status
}

plan 14
mark_log
check "make run" demonstrate demo.sh
says 'hello' "the guest's output" show
says ' vm[0-9]+/vcpu0 +I/O instruction' "its exits" show
check "nothing is left of it" is_gone

check "make run DEMO=init" demonstrate demo_init.sh
says '^ok 1 - init_loop' "200 INITs are 200 resets" show
says '^ +1 +56 +APIC write +0 +400$' "as APIC writes" show
says '^ +1 +3 +INIT signal +0 +1$' "one from outside is an INIT signal" show
check "nothing is left of it" is_gone

check "make run DEMO=smi" demonstrate demo_smi.sh
says '^ +smi_repairs 200$' "200 SMIs at a guest are 200 repairs" show
says 'CPU 1 does not answer' "a handler that does not return is reported" show
check "nothing is left of it" is_gone
check "the log has no complaint" sh -c '! dmesg | grep -E "BUG|Oops|WARNING"'
finish
