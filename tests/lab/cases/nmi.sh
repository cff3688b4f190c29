# SPDX-License-Identifier: GPL-2.0-only
# nmi.sh COUNT: storms of NMIs from CPU 0 to CPU 1, which does little but exit. Each comes, once, and
# no later than natively plus what an exit takes.
. ./tap.sh
. ./visor.sh
module=/lab/rmvisor-fault.ko
rmtest=/sys/kernel/debug/rmtest
count=$1
late=2500 # TSC ticks; behind a long loop an NMI that waits for the next exit is later than that

storm() { taskset -c 0 sh -c "echo 1 $count >$rmtest/nmi"; }
field() { sed "s/.* $1 \([0-9]*\).*/\1/" $rmtest/nmi; } # name
counter() { grep '^cpu1:' $debugfs/status | sed -n "s/.* $1 \([0-9]*\).*/\1/p" | head -n 1; } # name

all_seen_once() {
    cat $rmtest/nmi
    [ "$(field seen)" -eq "$count" ] && [ "$(field lost)" -eq 0 ] && [ "$(field extra)" -eq 0 ]
}
in_time() {
    echo "natively at most $native ticks, now $(field worst)"
    [ "$(field worst)" -le $((native + late)) ]
}
result() { echo "# $1: $(cat $rmtest/nmi)"; }

relaunch_for_ever() {
    taskset -c 1 sh -c "while echo relaunch 100; do usleep 2000; done >$debugfs/fault" &
    relauncher=$!
}

plan 20
mark_log
check "rmtest loads" insmod /lab/rmtest.ko
check "a storm, natively" storm
check "each NMI came once" all_seen_once
native=$(field worst)
result native

check "the module loads" load
check "a storm" storm
result loaded
check "each NMI came once" all_seen_once
check "none was late" in_time
check "some hit root" [ "$(counter nmi_in_root)" -gt 0 ]

check "the way from the last test to the entry is made longer" strike 1 'delay 100'
check "a storm" storm
result "longer window"
check "each NMI came once" all_seen_once
check "none was late" in_time
check "some hit between the last test and the entry" [ "$(counter nmi_in_window)" -gt 0 ]
echo "# nmi_in_root $(counter nmi_in_root) nmi_in_window $(counter nmi_in_window)"
check "the way is short again" strike 1 'delay 0'

relaunch_for_ever
check "a storm while CPU 1 leaves and launches" storm
kill "$relauncher"; wait "$relauncher" 2>/dev/null
result "leave and launch"
check "each NMI came once" all_seen_once
check "none was late" in_time
check "CPU 1 is a guest" has_state 1 linux
check "the module unloads" unload
rmmod rmtest
check "the log is calm" log_is_calm
finish
