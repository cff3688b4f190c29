# SPDX-License-Identifier: GPL-2.0-only
# What happens to CPU 1 beside exits, each thing made on purpose, and its record in the trace: entries
# that fail, exceptions in root, NMIs that hit root, INITs from outside, SMIs. (Take, park, give back,
# launch and leave: trace_files.sh; INIT and start-up IPIs between vCPUs: apic.sh.) Two CPUs.
. ./tap.sh
. ./visor.sh
module=/lab/rmvisor-fault.ko
rmtest=/sys/kernel/debug/rmtest

keep_only() { echo "$1" >$debugfs/filter && : >$debugfs/trace; }
records() { grep -v '^#' $debugfs/trace; }
forget_nothing() { echo 0 >$debugfs/filter; }

# A failure of CPU 1 and what its record says (ERE); the CPU leaves VMX, the next load begins anew.
failure_is_traced() { # fault, type, what the line says
    load && keep_only "cpu == 1 && type == $2" && strike 1 "$1" || return 1
    wait_for 20 has_state 1 native || return 1
    records >/tmp/records
    rmguest trace --cpu 1 >/tmp/shown
    unload && cat /tmp/records
    [ "$(wc -l </tmp/records)" -eq 1 ] && grep -q -E "$3" /tmp/records
}
shown() { cat /tmp/shown; }

counter() { state_line 1 | sed -n "s/.* $1 \([0-9]*\).*/\1/p"; }
# Each NMI that hits root, and no other, has a record.
nmis_are_traced() {
    keep_only 'cpu == 1 && type == nmi'
    before=$(counter nmi_in_root)
    strike 1 'delay 100' || return 1
    taskset -c 0 sh -c "echo 1 500 >$rmtest/nmi"
    strike 1 'delay 0'
    hits=$(($(counter nmi_in_root) - before))
    traced=$(records | grep -c -E '^ *1 .* NMI-IN-ROOT ')
    lost=$(records | sed -n 's/.* LOST \([0-9]*\) .*/\1/p')
    echo "$hits hits, $traced records, ${lost:-0} lost"
    [ "$hits" -gt 0 ] && [ $((traced + ${lost:-0})) -eq "$hits" ]
}

start() { # image, arguments
    image=$1; shift
    rmguest run --name watched --timeout 60 "$@" "$image" >/tmp/watched 2>&1 </dev/null &
    watched=$!
    wait_for 20 has_state 1 running
}
stop() {
    rmguest stop watched >/dev/null
    wait $watched
    [ $? -eq 143 ] && wait_for 20 all_have_state linux
}

inits_are_traced() {
    keep_only 'cpu == 1 && reason == init_signal'
    start $guests/spin.bin || return 1
    taskset -c 0 sh -c "echo 1 3 >$rmtest/init"
    sleep 0.2
    records >/tmp/records
    rmguest trace --json --cpu 1 --vm watched >/tmp/shown
    stop && cat /tmp/records
    [ "$(grep -c -E ' vm[0-9]+/0 .* INIT signal ' /tmp/records)" -eq 3 ]
}

# An SMI handler that keeps a CPU which waits in root for an interrupt.
smi_is_traced() {
    printf '\364\353\375' >/tmp/halted.bin # HLT, again and again
    keep_only 'cpu == 1 && type == smi'
    start /tmp/halted.bin --apic && sleep 0.2
    taskset -c 0 sh -c "echo hold 1 >$rmtest/smi"
    sleep 0.3
    taskset -c 0 sh -c "echo release >$rmtest/smi"
    sleep 0.2
    records >/tmp/records
    rmguest trace --cpu 1 >/tmp/shown
    stop && cat /tmp/records
    longest=$(sed -n 's/^cpu1: smi .*longest_smi_ticks \([0-9]*\).*/\1/p' $debugfs/status)
    # One SMI, and how long, with what the record itself takes.
    awk -v longest="$longest" '$4 == "SMI" && $6 == 1 && $8 >= longest && $8 < longest + 2000 { found++ }
        END { exit found != 1 }' /tmp/records
}

plan 15
check "an entry that a control fails" failure_is_traced entry-control entry_failed ' linux .* ENTRY-FAILED .* 7 '
says 'VM entry failed +VM-instruction error 7' "rmguest trace says why" shown
check "an entry that the guest's state fails" failure_is_traced entry-guest entry_failed ' ENTRY-FAILED .* 80000021 '
says 'VM entry failed +VM-entry failure due to invalid guest state' "rmguest trace says why" shown
check "an exception in root" failure_is_traced page-fault fault ' FAULT .* vector=14'
says 'exception in root +#PF, error code' "rmguest trace says which" shown
check "rmtest loads" insmod /lab/rmtest.ko
check "the module loads" load
check "NMIs that hit root" nmis_are_traced
check "INITs from outside, at a guest" inits_are_traced
says '"guest":"vm[0-9]+/vcpu0".*"event":"INIT signal".*"name":"watched"' "rmguest trace finds the guest by name" shown
check "an SMI that kept the CPU" smi_is_traced
says ' SMI +1 SMIs, [0-9]{4,} ticks' "rmguest trace shows how long" shown
check "everything is kept again" forget_nothing
check "the module unloads" unload
rmmod rmtest
finish
