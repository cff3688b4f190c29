# SPDX-License-Identifier: GPL-2.0-only
# Local APICs of guests: one CPU by itself, three that start each other, several guests at once. Four
# CPUs.
. ./tap.sh
. ./visor.sh

printf '\372\364\353\375' >/tmp/halt.bin # CLI, HLT, and again

# Both passed; each on CPUs of its own.
two_at_once() {
    run_guest --apic --cpu 1 $guests/apic.bin >/tmp/first.out 2>&1 &
    first=$!
    run_guest --apic --cpu 2 $guests/apic.bin >/tmp/second.out 2>&1 &
    second=$!
    run_guest --cpu 3 $guests/hello.bin >/tmp/third.out 2>&1 || { cat /tmp/third.out; return 1; }
    wait $first && wait $second || { cat /tmp/first.out /tmp/second.out; return 1; }
}

# Each vCPU that waits for one takes the first start-up IPI (to page 9), and no other.
starts_are_traced() {
    echo 'type == init || type == sipi' >$debugfs/filter
    : >$debugfs/trace
    run_guest --vcpus 3 $guests/smp.bin >/dev/null
    grep -v '^#' $debugfs/trace >/tmp/starts
    echo 0 >$debugfs/filter
    awk '$4 == "INIT" && $6 == 1 { inits[$2]++; next }
         $4 == "SIPI" && $6 == 9 && inits[$2] > starts[$2] { starts[$2]++; next }
         { print "which is wrong: " $0; bad = 1 }
         END { for (guest in starts) vcpus++; exit bad || vcpus != 2 }' /tmp/starts || { cat /tmp/starts; return 1; }
}

physical_inits() { grep -c INIT $debugfs/stats; }

plan 13
mark_log
check "the module loads" load
says '^passed$' "one CPU: interrupts, priorities, timer" run_guest --apic $guests/apic.bin
says '^passed$' "three CPUs: INIT, start-up IPIs, IPIs, a spinlock" \
    run_guest --vcpus 3 $guests/smp.bin
says '^passed$' "and once more" run_guest --vcpus 3 $guests/smp.bin
check "the trace has these INITs and start-up IPIs" starts_are_traced
check "two guests with APICs and one without" two_at_once
fails "HLT without interrupts is waited for, and can be ended" 124 \
    rmguest run --apic --timeout 2 /tmp/halt.bin
check "the CPUs are back with Linux" all_online
check "as guests" wait_for 20 all_have_state linux
is "no INIT was a physical one" "$(physical_inits)" 0
fails "an INIT restarts the boot CPU where no memory is" 126 \
    run_guest --apic $guests/init_storm.bin
check "the module unloads" unload
check "the log is calm" log_is_calm
finish
