# SPDX-License-Identifier: GPL-2.0-only
# What `make run DEMO=smi` shows: SMIs at a real-mode guest, and one whose handler does not return.
# docs/smi-and-init.md tells the story.
. ./visor.sh
. ./demo_steps.sh

counters() { grep -h '^cpu1: smi' $debugfs/status | indent; }
repairs() { state_line 1 | grep -o 'smi_repairs [0-9]*'; }

step "1. What the machine says of its system-management mode"
perform insmod $module
perform cat $debugfs/smm
rmguest doctor | grep -E 'SMI' | cut -c 1-150 | indent

step "2. SMIs while a real-mode guest computes"
perform insmod /lab/rmtest.ko
start_guest sums --stats --memory 2M $guests/smi_real.bin
tell_rmtest smi "hit 1 200 2000"
runs_guest 1 || stop "surviving SMIs" 1
explain "200 SMIs have met it. Bochs's RSM came back in protected mode with paging each time; not one"
explain "instruction ran that way, and the mode was put back:"
repairs | indent
counters
perform rmguest stop sums
wait $guest
explain "Its sums were right until then (a wrong one would have ended it):"
grep -a -i 'smi' /tmp/sums.out | cut -c 1-150 | indent
wait_for 30 all_have_state linux || stop "giving the CPU back" 1

step "3. An SMI handler that does not return"
printf '\364\353\375' >/tmp/halted.bin
start_guest halted --apic /tmp/halted.bin
tell_rmtest smi "hold 1"
wait $guest
explain "Its owner was told, and ended with status $?:"
indent </tmp/halted.out | cut -c 1-150 | head -n 3
explain "Linux works; that CPU is nobody's:"
say_state 1
tell_rmtest smi release
wait_for 30 all_online || stop "taking the CPU back" 1
wait_for 10 all_have_state linux || stop "launching it again" 1
explain "The handler has returned, and the CPU is Linux's again:"
say_state 1
counters

step "4. Take it all away again"
perform rmmod rmtest
perform rmmod rmvisor
all_online || stop "giving all CPUs back" 1
cpus
echo
