# SPDX-License-Identifier: GPL-2.0-only
# churn.sh CYCLES: the module comes and goes while every CPU is busy, and leaves nothing behind.
. ./tap.sh
. ./visor.sh
. ./stress.sh
. ./memory.sh
cycles=$1

cycle() { # how often
    for count in $(seq "$1"); do
        load || { echo "cycle $count"; return 1; }
        unload || { echo "cycle $count"; return 1; }
    done
}

# The first cycles pay for what the kernel keeps.
warm_up() { cycle 5; }

loaded_in_log() { new_log | grep -c 'CPUs run as guests'; }

msrs() { for cpu in $(cpu_numbers); do witness "$cpu" no-execute-breakpoints | grep '^msr '; done; }
have_msrs() { grep -q '^msr 277 0' /tmp/msrs.before; }
same_msrs() { msrs | diff /tmp/msrs.before -; }

leaves_no_area() { ! grep rmvisor /proc/vmallocinfo; }

plan 14
lab-insmod msr
mark_log
msrs >/tmp/msrs.before
start_stress
check "every CPU is busy" wait_for 20 stress_runs
check "the module comes and goes a first time" warm_up
check "$cycles cycles under load" cycle "$cycles"
check "the load still runs" stress_runs
check "the load ends" stop_stress
loads=$(loaded_in_log)
is "each launch was on every CPU" "$loads" $((cycles + 5))
check "the MSRs could be read" have_msrs
check "they are as before" same_msrs
check "no area of the module's is left" leaves_no_area

# Memory is compared over cycles without load, and the first of them are not counted: what stress-ng
# leaves behind is not ours.
check "it goes on without load" warm_up
remember_memory
check "$cycles cycles without load" cycle "$cycles"
check "less than a page for each cycle stays" memory_grew_less $((cycles * 4 - 1)) $((cycles - 1))
kib=$(tail -n 1 /tmp/memory.after)
echo "# pages, vmalloc, slabs in KiB: before $(cat /tmp/memory.before), after $kib"
check "nothing of it stays" is_gone
check "the log is calm" log_is_calm
rmmod msr
finish
