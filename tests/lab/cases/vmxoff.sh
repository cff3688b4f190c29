# SPDX-License-Identifier: GPL-2.0-only
# vmxoff.sh: a CPU whose VMXOFF fails, as under an active dual-monitor treatment of SMIs, stays a
# guest; Linux works on, and whoever wanted the CPU to leave is told. Module with FAULT=1, two CPUs.
. ./tap.sh
. ./visor.sh
module=/lab/rmvisor-fault.ko

refused='rmvisor: CPU 1: VMXOFF failed, as it does while the dual-monitor'

plan 13
mark_log
check "the module loads" load
check "CPU 1 will not leave" strike 1 vmxoff
fails "it can't go offline" 1 set_online 1 0
check "the log says why" log_has "$refused"
check "it is a guest again" all_have_state linux
check "and works" use_cpuid 1
check "the next time it can" set_online 1 0
check "and come back" set_online 1 1

mark_log
check "CPU 0 will not leave" strike 0 vmxoff
check "the unload waits until it does" unload
check "and says so" log_has "the module stays until it does"
check "nothing of the module stays" is_gone
check "all CPUs work natively" use_cpuid 0
finish
