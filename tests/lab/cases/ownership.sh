# SPDX-License-Identifier: GPL-2.0-only
# Who may use a VM and until when it lives: the same answers on /dev/rmvisor and on /dev/kvm.
. ./tap.sh
. ./visor.sh

plan 26
mark_log
check "the module loads" load
forward rmvisor $guests/ownership /dev/rmvisor
check "all CPUs are online" all_online
check "as guests" all_have_state linux
check "the module unloads" unload
check "the log is calm" log_is_calm
check "KVM loads" lab-insmod kvm_intel
forward kvm $guests/ownership /dev/kvm
rmmod kvm_intel
rmmod kvm
finish
