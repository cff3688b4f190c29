# SPDX-License-Identifier: GPL-2.0-only
# races.sh ROUNDS: the module goes and comes while owners come and are killed, readers have its files open and CPU 1 goes
# and comes. An rmmod takes the module, or says that it is busy and changes nothing. Two CPUs.
. ./tap.sh
. ./visor.sh
rounds=$1

until_stop() { while [ ! -e /tmp/stop ]; do "$@"; done >/dev/null 2>&1; }
one_owner() { # state
    for pause in 0 0.1 0.4; do
        owner_states "$1" &
        sleep $pause
        kill -9 $!
        wait $!
        sleep 0.7
    done
}
read_all() { cat $debugfs/status $debugfs/stats $debugfs/names $debugfs/trace; sleep 0.1; }
hold_open() { (exec 3<$debugfs/trace_pipe; sleep 0.1); sleep 0.9; }
toggle() { set_online 1 0; sleep 0.3; set_online 1 1; sleep 0.5; }

start_all() {
    rm -f /tmp/stop
    until_stop one_owner running & workers=$!
    until_stop one_owner fresh & workers="$workers $!"
    until_stop read_all & workers="$workers $!"
    until_stop hold_open & workers="$workers $!"
    until_stop toggle & workers="$workers $!"
}
stop_all() { touch /tmp/stop; wait $workers; }

gone=0 busy=0
try_unload() {
    if unload >/tmp/unload.out 2>&1; then gone=$((gone + 1)); return 0; fi
    busy=$((busy + 1))
    grep -q -E 'temporarily|in use|busy' /tmp/unload.out || { cat /tmp/unload.out; return 2; }
    return 1
}
one_round() {
    for try in $(seq 200); do
        try_unload
        case $? in
        0) load; return ;;
        2) return 1 ;;
        esac
        sleep 0.03
    done
    echo "no rmmod got through"
    return 1
}
race() { # until there were enough of both
    for round in $(seq $((rounds * 10))); do
        one_round || { echo "round $round"; return 1; }
        [ $gone -lt "$rounds" ] || [ $busy -lt 3 ] || return 0
    done
}
all_back() { set_online 1 1; wait_for 20 all_online && wait_for 20 all_have_state linux; }

plan 8
mark_log
check "the module loads" load
start_all
check "$rounds times it goes and comes" race
echo "# $gone unloads, $busy were refused"
check "all that ran ends" stop_all
check "some of them were refused" [ $busy -gt 0 ]
check "every CPU is back" all_back
check "a guest runs" run_guest $guests/hello.bin
check "the module unloads" unload
! new_log | grep -E 'BUG|Oops|WARNING|does not answer|unable to handle' && calm=yes || calm=no
is "the kernel has no complaint" $calm yes
finish
