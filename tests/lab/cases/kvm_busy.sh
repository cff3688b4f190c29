# SPDX-License-Identifier: GPL-2.0-only
# KVM runs a virtual machine, so VMX is taken: insmod refuses, and works when KVM is done.
. ./tap.sh
. ./visor.sh

still_runs() { kill -0 $pid && [ ! -s /tmp/spin.err ]; }

plan 12
mark_log
check "KVM loads" lab-insmod kvm_intel
# mov al, 0ah; out 0e9h, al; again: out 80h, al; jmp again. It must exit often: Bochs would never take
# the CPU away from a guest that spins with interrupts off.
printf '\260\012\346\351\346\200\353\374' >/tmp/busy.bin
rmguest run --device /dev/kvm --timeout 600 /tmp/busy.bin >/tmp/spin.out 2>/tmp/spin.err &
pid=$!
check "a guest runs under KVM" wait_for 20 test -s /tmp/spin.out
says 'busy' "insmod says busy" load
check "the log names the fact" log_has 'rmvisor: CPU [0-9]+: VMX is already in use'
check "and the cure" log_has 'modprobe -r kvm_intel'
check "nothing of the module stays" is_gone
check "the guest under KVM goes on" still_runs
kill $pid
wait $pid
is "it can be ended" $? 143
check "now the module loads" load
check "every CPU is a guest" all_have_state linux
check "a guest runs" run_guest $guests/hello.bin
check "the module unloads" unload
rmmod kvm_intel
rmmod kvm
finish
