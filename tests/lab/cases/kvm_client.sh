# SPDX-License-Identifier: GPL-2.0-only
# A client of KVM's API that knows nothing of rmvisor: only the name of the device differs.
. ./tap.sh
. ./visor.sh

wanted='api version 12
out port 0x10 size 1 value 0x2a
out port 0x12 size 2 value 0x1234
in port 0x20 size 1
out port 0x10 size 1 value 0x56
hlt at 0x1011'

client() { # device; what it prints stays in /tmp/client.out
    kvm_client "$1" >/tmp/client.out 2>&1
    echo "exit status $?" >>/tmp/client.out
    echo "$wanted
exit status 0" | diff - /tmp/client.out
}

plan 6
check "the module loads" load
check "the client works on /dev/rmvisor" client /dev/rmvisor
check "all CPUs are back" all_online
check "the module unloads" unload
check "KVM loads" lab-insmod kvm_intel
check "the client works on /dev/kvm" client /dev/kvm
rmmod kvm_intel
rmmod kvm
finish
