# SPDX-License-Identifier: GPL-2.0-only
# refuse.sh ROUNDS FACT CURE: a CPU that can't run rmvisor; the log names the fact and the cure
# (both ERE), and nothing changes.
. ./tap.sh
. ./visor.sh
rounds=$1
fact=$2
cure=$3

loop() {
    for round in $(seq "$rounds"); do
        ! load 2>/dev/null && is_gone || { echo "round $round"; return 1; }
    done
}

plan 6
mark_log
says 'No such device' "insmod says that there is no such device" load
check "the log names CPU and fact" log_has "rmvisor: CPU [0-9]+: .*$fact"
check "and the cure" log_has "rmvisor: CPU [0-9]+: .*$cure"
check "nothing of the module stays" is_gone
check "the same $rounds more times" loop
check "all CPUs are online" all_online
finish
