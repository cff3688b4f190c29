# SPDX-License-Identifier: GPL-2.0-only
# KVM comes while rmvisor has VMX: KVM fails, cleanly, and works when rmvisor is gone.
. ./tap.sh
. ./visor.sh

kvm_guest() { run_guest --device /dev/kvm $guests/hello.bin; }

plan 10
check "the module loads" load
check "KVM's module loads" lab-insmod kvm_intel
fails "KVM runs no guest" 125 kvm_guest
says 'busy|Input/output|not supported|No such device' "rmguest says so" kvm_guest
check "Linux is still a guest on every CPU" all_have_state linux
check "rmvisor runs guests" run_guest $guests/hello.bin
check "the module unloads" unload
check "KVM runs guests now" kvm_guest
check "rmvisor loads after KVM's guest" load
check "and unloads" unload
rmmod kvm_intel
rmmod kvm
finish
