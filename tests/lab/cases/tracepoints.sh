# SPDX-License-Identifier: GPL-2.0-only
# The trace as events of ftrace: what tracefs shows of it is what the module's own trace has.
. ./tap.sh
. ./visor.sh

tracing=/sys/kernel/tracing
events=$tracing/events/rmvisor
mount -t tracefs tracefs $tracing 2>/dev/null

switch_events() { echo "$1" >$events/enable; }
clear_all() { : >$tracing/trace; : >$debugfs/trace; }
everything() { use_cpuid 0; use_cpuid 1; run_guest $guests/exits.bin; }
traced() { # command...
    clear_all
    switch_events 1
    "$@" >/dev/null || return 1
    switch_events 0
}

# The events' tsc, and those of the module's own trace. What comes before and after the two were looked
# at together is left out: records between clear_all and enable, and those after the guest's end.
event_times() { sed -n 's/.*: rmvisor_[a-z]*: tsc=\([0-9]*\) .*/\1/p' $tracing/trace; }
record_times() { grep -v '^#' $debugfs/trace | awk '{ print $3 }'; }
same_records() {
    traced everything || return 1
    event_times >/tmp/events
    record_times >/tmp/records
    first=$(head -n 1 /tmp/events) last=$(tail -n 1 /tmp/events)
    [ "$(wc -l </tmp/events)" -gt 100 ] || { echo "few events:"; cat /tmp/events; return 1; }
    grep ' type=lost ' $tracing/trace && return 1
    awk -v first="$first" -v last="$last" '$1 == first { on = 1 } on { print } $1 == last { exit }' /tmp/records \
        >/tmp/between
    cmp /tmp/events /tmp/between || { wc -l /tmp/events /tmp/between; return 1; }
}
# Of each CPU.
in_order() {
    sed -n 's/.*: \(rmvisor_[a-z]*\): tsc=\([0-9]*\) cpu=\([0-9]*\) \(.*\)/\3 \2 \1 \4/p' $tracing/trace |
        awk '$2 < time[$1] { print before[$1]; print; bad = 1 }
            { time[$1] = $2; before[$1] = $0 }
            END { exit bad }'
}
guest_events() {
    grep -c ' rmvisor_exit: .* vm=[1-9][0-9]* vcpu=0 reason=IO_INSTRUCTION .* action=' $tracing/trace |
        grep -x 8 || { grep rmvisor_exit $tracing/trace | tail; return 1; }
}
life_events() {
    for type in take park run stop give_back leave launch; do
        grep -q " rmvisor_event: .* cpu=1 .*type=$type " $tracing/trace || { echo "no $type"; return 1; }
    done
}
none_while_off() {
    clear_all
    echo 0 >$debugfs/trace_on
    switch_events 1
    everything >/dev/null
    switch_events 0
    echo 1 >$debugfs/trace_on
    ! grep rmvisor_ $tracing/trace
}
one_event_alone() {
    clear_all
    echo 'vm != 0' >$events/rmvisor_exit/filter
    echo 1 >$events/rmvisor_exit/enable
    everything >/dev/null
    echo 0 >$events/rmvisor_exit/enable
    echo 0 >$events/rmvisor_exit/filter
    grep -q 'rmvisor_exit' $tracing/trace && ! grep -E 'rmvisor_event|vm=0 ' $tracing/trace
}
# A full ring stops; the next record after there is room again tells what was lost.
losses_are_told() {
    echo 4 >$debugfs/buffer_size_kb
    echo 0 >$debugfs/overwrite
    clear_all
    switch_events 1
    everything >/dev/null
    : >$debugfs/trace
    use_cpuid 0 >/dev/null
    switch_events 0
    echo 1 >$debugfs/overwrite
    echo 64 >$debugfs/buffer_size_kb
    grep -E ' rmvisor_event: .* cpu=0 .*type=lost qualification=[1-9a-f]' $tracing/trace
}

plan 16
check "the module loads" load
says '^rmvisor:rmvisor_event$|^rmvisor:rmvisor_exit$' "its events are there" cat $tracing/available_events
check "they are its trace's records, one by one" same_records
check "each CPU's in the order of their time" in_order
check "a guest's exits, all of them, with KVM's names" guest_events
check "and what happens to a CPU beside exits" life_events
check "nothing comes while the trace is off" none_while_off
check "each event by itself, with ftrace's filter" one_event_alone
check "what is lost is told" losses_are_told
check "the events are on again" switch_events 1
check "and the module unloads all the same" unload
check "with its events" test ! -e $events
check "it loads again" load
check "and they are what they were" same_records
check "the module unloads" unload
check "and is gone" is_gone
finish
