# SPDX-License-Identifier: GPL-2.0-only
# smi_unguarded.sh: what one SMI does to a guest without paging where nobody repairs what RSM makes of
# its CR0 (module with FAULT=1): the guest is lost, the machine is not. Bochs, two CPUs.
. ./tap.sh
. ./visor.sh
module=/lab/rmvisor-fault.ko
unguarded=/sys/module/rmvisor/parameters/unguarded_rsm
smi=/sys/kernel/debug/rmtest/smi

repairs() { sed -n 's/^cpu1:.* smi_repairs \([0-9]*\).*/\1/p' $debugfs/status; }
has_dots() { [ -s /tmp/dots ]; }

# The exit status of rmguest after one SMI that met the guest: 143 where it did no harm.
run_until_hit() { # guest
    rmguest run --cpu 1 --timeout 60 --memory 2M "$guests/$1.bin" >/tmp/dots 2>/tmp/errors &
    pid=$!
    wait_for 20 has_dots || return 99
    taskset -c 0 sh -c "echo hit 1 1 3000 >$smi" || return 98
    sleep 0.5
    kill $pid 2>/dev/null
    wait $pid
    status=$?
    cat $smi /tmp/errors
    return $status
}

disturb() { # guest
    echo 0 >$unguarded
    before=$(repairs)
    fails "$1: with the repair it outlives an SMI" 143 run_until_hit "$1"
    is "$1: and the repair is counted" $(($(repairs) - before)) 1
    check "$1: CPU 1 is back with Linux" wait_for 20 has_state 1 linux
    echo 1 >$unguarded
    fails "$1: without it one SMI is its end" 126 run_until_hit "$1"
    says '^rmguest: ' "$1: of which its owner is told" cat /tmp/errors
    echo "# $(tail -n 1 /tmp/errors)"
    check "$1: CPU 1 is back with Linux again" wait_for 20 has_state 1 linux
    check "$1: and works" use_cpuid 1
}

plan 18
mark_log
check "rmtest loads" insmod /lab/rmtest.ko
check "the module loads" load
disturb smi_real
disturb smi_protected
check "the module unloads" unload
check "the log is calm" log_is_calm
rmmod rmtest
finish
