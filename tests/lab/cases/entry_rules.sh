# SPDX-License-Identifier: GPL-2.0-only
# Each rule of VM entry, broken alone in a guest's VMCS: the checker names it, the entry fails with the
# error that the rule's kind has, and the guest's owner is told so (tests/lab/entry_rules).
. ./tap.sh
. ./visor.sh
module=/lab/rmvisor-fault.ko

plan $(($(entry_rules --count) + 5))
check "the module loads" load
forward "entry rule" entry_rules
check "the CPU of the guest is back" wait_for 20 all_have_state linux
check "and works" use_cpuid 1
check "the module unloads" unload
check "nothing of it stays" is_gone
finish
