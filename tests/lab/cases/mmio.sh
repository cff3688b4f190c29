# SPDX-License-Identifier: GPL-2.0-only
# Accesses to addresses without memory: rmguest completes them on rmvisor, the kernel on KVM, and a
# device sees the same of both.
. ./tap.sh
. ./visor.sh

watched() { # device, log
    rmguest run --device "$1" --timeout 60 --mmio 0xb8000:4000:text --mmio-log "$2" $guests/mmio.bin
}

refuses_by_name() {
    rmguest run --timeout 60 --mmio 0xb8000:4000 $guests/mmio_x87.bin 2>/tmp/mmio.err
    [ $? -eq 126 ] && grep -q "can't complete 'fld es:" /tmp/mmio.err ||
        { cat /tmp/mmio.err; return 1; }
}

plan 8
check "the module loads" load
check "a watched range on /dev/rmvisor" watched /dev/rmvisor /tmp/mmio.rmvisor
check "an instruction that can't be completed ends the run with its name" refuses_by_name
check "all CPUs are back" all_online
check "the module unloads" unload
check "KVM loads" lab-insmod kvm_intel
check "a watched range on /dev/kvm" watched /dev/kvm /tmp/mmio.kvm
check "both devices gave the same accesses" cmp /tmp/mmio.rmvisor /tmp/mmio.kvm
rmmod kvm_intel
rmmod kvm
finish
