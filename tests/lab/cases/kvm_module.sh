# SPDX-License-Identifier: GPL-2.0-only
# KVM of 6.12 turns VMX on when its module is loaded. Whoever comes second fails, says why, and works
# when the other one is gone.
. ./tap.sh
. ./visor.sh

kvm_is_loaded() { grep -q '^kvm_intel ' /proc/modules; }
kvm_guest() { run_guest --device /dev/kvm $guests/hello.bin; }
kvm_fails() { ! lab-insmod kvm_intel && ! kvm_is_loaded; }
kvm_goes() { rmmod kvm_intel && rmmod kvm; }

plan 18
mark_log
check "KVM's module loads" lab-insmod kvm_intel
says 'busy' "insmod says busy, though no guest runs" load
check "the log names the fact" log_has 'rmvisor: CPU [0-9]+: VMX is already in use'
check "and the cure" log_has 'modprobe -r kvm_intel'
check "nothing of the module stays" is_gone
check "KVM runs guests, still" kvm_guest
check "KVM's module unloads" kvm_goes
check "now the module loads" load
check "every CPU is a guest" all_have_state linux
check "KVM's module refuses to load" kvm_fails
check "every CPU is still a guest" all_have_state linux
check "rmvisor runs guests" run_guest $guests/hello.bin
check "it refuses again" kvm_fails
check "the module unloads" unload
check "KVM's module loads now" lab-insmod kvm_intel
check "KVM runs guests" kvm_guest
check "KVM's module unloads again" kvm_goes
check "rmvisor loads and unloads after it" sh -c "insmod $module && rmmod rmvisor"
finish
