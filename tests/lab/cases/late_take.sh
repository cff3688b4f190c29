# SPDX-License-Identifier: GPL-2.0-only
# late_take.sh: somebody offlines a CPU that a guest has been promised, just before it is taken (rmvisor/fault,
# late-take). The guest gets an error, and the CPU is out of VMX: the module can go. Module with FAULT=1, two CPUs.
. ./tap.sh
. ./visor.sh
module=/lab/rmvisor-fault.ko

take_late() { echo late-take 2000 >$debugfs/fault; }
start_guest() { rmguest run --cpu 1 --timeout 60 $guests/hello.bin >/tmp/guest.out 2>&1 </dev/null & guest=$!; sleep 1; }
guest_ends() { wait $guest; }
is_offline() { [ "$(online)" = 0 ]; }

plan 15
check "the module loads" load
check "the next CPU is taken late" take_late
check "a guest wants CPU 1" start_guest
check "CPU 1 goes offline before it has it" set_online 1 0
fails "the guest does not run" 125 guest_ends
sed 's/^/# /' /tmp/guest.out
check "CPU 1 stays offline" is_offline
check "and has left VMX" has_state 1 native
check "it comes back" set_online 1 1
check "and is a guest" all_have_state linux
check "a guest runs there" run_guest --cpu 1 $guests/hello.bin

take_late
start_guest
check "once more it goes offline" set_online 1 0
guest_ends
check "the module unloads" unload
check "nothing of it stays" is_gone
check "CPU 1 comes back to Linux" set_online 1 1
check "and works" use_cpuid 1
finish
