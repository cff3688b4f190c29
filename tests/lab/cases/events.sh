# SPDX-License-Identifier: GPL-2.0-only
# What one vCPU's owner does about events: interrupts, NMIs, exceptions, string I/O, steps and
# breakpoints. The same program runs on KVM; it must say the same.
. ./tap.sh
. ./visor.sh

# rmvisor's own calls, and bounds that are its own.
own='instruction names ports budget signals'
tests='interrupts nmis pending string_io single_step breakpoints'

ask() { # device, test
    events_client "$1" "$2" 2>/tmp/notes >"/tmp/$2.$(basename "$1")"
    status=$?
    cat /tmp/notes
    return $status
}

port_is_free() { ! grep -q rmvisor /proc/ioports; }

plan $(($(echo "$tests" | wc -w) * 3 + $(echo "$own" | wc -w) + 4))
check "the module loads" load
for test in $tests; do
    check "$test on /dev/rmvisor" ask /dev/rmvisor "$test"
done
for test in $own; do
    check "$test" ask /dev/rmvisor "$test"
    grep "^#" /tmp/notes
done
check "all CPUs are back" all_online
check "no port is rmvisor's any more" port_is_free
check "the module unloads" unload
lab-insmod kvm_intel >/dev/null
for test in $tests; do
    check "$test on /dev/kvm" ask /dev/kvm "$test"
    check "$test says the same on both" diff "/tmp/$test.kvm" "/tmp/$test.rmvisor"
done
rmmod kvm_intel
rmmod kvm
finish
