# SPDX-License-Identifier: GPL-2.0-only
# machine_check.sh CPUS: machine checks that hit root (made by INT 18) get to Linux's handler. Needs a
# kernel with CONFIG_X86_MCE.
. ./tap.sh
. ./visor.sh
module=/lab/rmvisor-fault.ko
cpus=$1

# Linux counts each machine check that its handler gets. It waits for the other CPUs, which never
# come since only one has met it: not with this time-out.
machine_checks_of() { # cpu
    awk -v column=$(($1 + 2)) '$1 == "MCE:" { print $column }' /proc/interrupts
}
machine_check() { # name, cpu, state afterwards
    load || return 1
    before=$(machine_checks_of "$2")
    strike "$2" "$1" || return 1
    state_line "$2" | grep -q ' machine_checks 1 ' || { state_line "$2"; return 1; }
    [ "$(machine_checks_of "$2")" -eq $((before + 1)) ] || { grep MCE: /proc/interrupts; return 1; }
    has_state "$2" "$3" && taskset -c "$2" sleep 0.1 && unload && taskset -c "$2" sleep 0.1
}

mark_log
plan $((2 * $(echo "$cpus" | wc -w) + 2))
check "Linux need not wait for the other CPUs" \
    sh -c 'echo 0 >/sys/devices/system/machinecheck/machinecheck0/monarch_timeout'
for cpu in $cpus; do
    check "in root on CPU $cpu" machine_check machine-check "$cpu" linux
    check "while CPU $cpu leaves" machine_check machine-check-leave "$cpu" native
done
check "the log is calm" log_is_calm
finish
