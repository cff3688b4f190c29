# SPDX-License-Identifier: GPL-2.0-only
# silent.sh: an SMI handler does not return on a CPU whose guest is halted. Its owner is told, Linux
# works on, and the CPU comes back when the handler does. Two CPUs.
. ./tap.sh
. ./visor.sh
smi() { taskset -c 0 sh -c "echo $* >/sys/kernel/debug/rmtest/smi"; }

# HLT, again and again. With a local APIC the CPU waits in root.
start_halted() {
    printf '\364\353\375' >/tmp/halted.bin
    rmguest run --apic --name halted --stats /tmp/halted.bin >/tmp/halted.out 2>&1 </dev/null &
    halted=$!
    wait_for 20 has_state 1 running && sleep 0.2
}
ended_with() { wait $halted; status=$?; [ $status -eq "$1" ] || { echo "status $status"; cat /tmp/halted.out; return 1; }; }
start_client() {
    events_client /dev/rmvisor silent >/tmp/client.out 2>&1 &
    client=$!
    wait_for 20 has_state 1 running
}
client_ended() { wait $client || { cat /tmp/client.out; return 1; }; }
what_it_said() { cat /tmp/halted.out; }
says_nothing_of_waiting() { ! grep 'has not taken' /tmp/halted.out; }
status() { rmguest status; }
longest() { sed -n 's/^cpu1: smi .*longest_smi_ticks \([0-9]*\).*/\1/p' $debugfs/status; }
is_long() { [ "$(longest)" -gt 10000000 ]; }
trace_has_smi() { grep -q ' SMI' $debugfs/trace; }

plan 24
mark_log
check "rmtest loads" insmod /lab/rmtest.ko
check "the module loads" load
check "a guest is halted" start_halted
check "an SMI handler does not return" smi hold 1
check "its owner is told within seconds" ended_with 126
says 'CPU 1 does not answer; the last exit before that: HLT' "which CPU and after what" what_it_said
check "its owner does not wait for that CPU" says_nothing_of_waiting
check "the log says so" log_has 'rmvisor: CPU 1 does not answer, not even to an NMI .*last exit: HLT.*SMI'
says ' 1 .*silent' "status shows it" status
check "Linux works" use_cpuid 0
fails "nobody gets that CPU" 125 rmguest run --cpu 1 $guests/hello.bin
fails "nor can the module go" 1 unload
check "the handler returns" smi release
check "the CPU comes back" wait_for 20 all_online
check "the log says so" log_has 'rmvisor: CPU 1 answers again'
check "every CPU runs Linux" wait_for 10 all_have_state linux
check "the time that it was away is known" is_long
says 'hello' "a guest runs there" run_guest --cpu 1 $guests/hello.bin
check "a client's guest runs" start_client
check "an SMI handler does not return to it" smi hold 1
check "its memory stays as it is" client_ended
check "the handler returns" smi release
check "the CPU comes back" wait_for 20 all_online
check "the module unloads" unload
rmmod rmtest
finish
