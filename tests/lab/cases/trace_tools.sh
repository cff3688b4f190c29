# SPDX-License-Identifier: GPL-2.0-only
# trace-cmd and perf see the exits beside the kernel's own events.
. ./tap.sh
. ./visor.sh

mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null

record() {
    trace-cmd record -q -C x86-tsc -e rmvisor -e sched_switch -o /tmp/t.dat rmguest run $guests/exits.bin &&
        trace-cmd report -i /tmp/t.dat >/tmp/report 2>/dev/null
}
report() { cat /tmp/report; }
# x86-tsc is the clock of both: an event is late by the drain's period at least, and never early.
times_fit() {
    sed -n 's/.* \([0-9]*\): *rmvisor_exit: *tsc=\([0-9]*\) .*/\1 \2/p' /tmp/report >/tmp/times
    [ -s /tmp/times ] || { tail /tmp/report; return 1; }
    awk '$1 < $2 { bad = 1; print } END { exit bad }' /tmp/times
}
perf_stat() { perf stat -a -x , -e rmvisor:rmvisor_exit rmguest run $guests/exits.bin; }
perf_record() {
    perf record -q -a -e 'rmvisor:*' -o /tmp/perf.data rmguest run $guests/exits.bin &&
        perf script -i /tmp/perf.data
}
perf_trace() { perf trace -a --no-syscalls -e 'rmvisor:*' -- rmguest run $guests/exits.bin; }
is_used() { [ "$(cat /sys/module/rmvisor/refcnt)" -gt 0 ]; }
in_use() {
    perf record -q -a -e 'rmvisor:*' -o /tmp/perf.data sleep 60 & perf=$!
    wait_for 30 is_used
    unload 2>/tmp/unload
    unloaded=$?
    kill -INT $perf
    wait $perf
    [ $unloaded -ne 0 ] && grep -i -E 'in use|unavailable' /tmp/unload
}

plan 11
check "the module loads" load
check "trace-cmd records a run" record
says 'rmvisor_exit: .* vm=[1-9][0-9]* vcpu=0 reason=IO_INSTRUCTION ' "and reports it, with names" report
says 'rmvisor_event: .* type=stop ' "with what happens beside exits" report
says 'sched_switch: ' "beside the kernel's own" report
check "in trace-cmd's clock, x86-tsc, no event is early" times_fit
says '^[1-9][0-9]*,,rmvisor:rmvisor_exit' "perf stat counts them" perf_stat
says 'rmvisor:rmvisor_exit: .* reason=IO_INSTRUCTION ' "perf record and script show them" perf_record
says 'rmvisor:rmvisor_exit\(.*reason' "perf trace shows them" perf_trace
check "a perf that records keeps the module" in_use
check "the module unloads" unload
finish
