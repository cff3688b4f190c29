# SPDX-License-Identifier: GPL-2.0-only
# smi_unguarded.sh: what SMIs do to a real-mode guest where nobody repairs what RSM makes of its CR0
# (module with FAULT=1): the guest is lost, the machine is not. Bochs, two CPUs.
. ./tap.sh
. ./visor.sh
module=/lab/rmvisor-fault.ko
smi=/sys/kernel/debug/rmtest/smi

repairs() { sed -n 's/^cpu1:.* smi_repairs \([0-9]*\).*/\1/p' $debugfs/status; }
has_dots() { [ -s /tmp/dots ]; }

# Its status. Where nothing ends it, it is 143, or 1 if it found something wrong.
lost() { # guest
    rmguest run --cpu 1 --timeout 60 --memory 2M "$guests/$1.bin" >/tmp/dots 2>/tmp/errors &
    pid=$!
    wait_for 20 has_dots || return 99
    taskset -c 0 sh -c "echo ipi 1 300 3000 >$smi"
    sleep 0.3
    kill $pid 2>/dev/null
    wait $pid
    status=$?
    cat $smi /tmp/errors
    return $status
}

plan 9
mark_log
check "rmtest loads" insmod /lab/rmtest.ko
check "the module loads" load
check "guests are not guarded" \
    sh -c 'echo 1 >/sys/module/rmvisor/parameters/unguarded_rsm'
fails "SMIs end a real-mode guest" 126 lost smi_real
check "CPU 1 is back with Linux" wait_for 20 has_state 1 linux
check "and works" use_cpuid 1
is "nothing was repaired" "$(repairs)" 0
check "the module unloads" unload
check "the log is calm" log_is_calm
rmmod rmtest
finish
