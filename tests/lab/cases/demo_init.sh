# SPDX-License-Identifier: GPL-2.0-only
# What `make run DEMO=init` shows: INITs from a guest itself, and from outside. docs/smi-and-init.md
# tells the story.
. ./visor.sh
. ./demo_steps.sh

guest_exits() { awk '{ sub(/ *\|.*/, "") } $1 == 1 && $NF > 0' $debugfs/stats; }

step "1. A guest that resets itself through its APIC, 200 times"
perform insmod $module
explain "With the real APIC the first INIT would be VM exit 3, and on some machines the last thing seen."
perform $guests/owner --results /tmp/init.txt $guests/cases/init_loop.bin
explain "Its exits (CPU, reason, Linux's, the guest's): half of the APIC writes are INITs, the other half"
explain "switch the APIC on again after a reset. Not one is an INIT signal (3):"
guest_exits | indent
wait_for 30 all_have_state linux || stop "giving the CPU back" 1

step "2. An INIT from outside, to a CPU that runs a guest"
perform insmod /lab/rmtest.ko
start_guest spinner $guests/spin.bin
tell_rmtest init 1
sleep 1
explain "Exits of that CPU by INIT signal (3):"
guest_exits | awk '$2 == 3' | indent
if runs_guest 1; then
    explain "The exit has used the INIT up, and the guest goes on."
    perform rmguest stop spinner
    wait $guest
else
    wait $guest
    explain "This CPU (Bochs 2.7) does not use an INIT up, each entry would exit again. After a few the"
    explain "guest was ended, with status $?:"
    indent </tmp/spinner.out | grep rmguest | cut -c 1-150 | head -n 3
fi
wait_for 30 all_have_state linux || stop "giving the CPU back" 1
explain "The CPU is Linux's again:"
say_state 1

step "3. Take it all away again"
perform rmmod rmtest
perform rmmod rmvisor
all_online || stop "giving all CPUs back" 1
cpus
echo
