# SPDX-License-Identifier: GPL-2.0-only
# What an exit costs under rmvisor and under KVM, both measured in this boot: a path that has become
# slow shows here. Limits are per mille of what KVM takes: what was measured on this machine, and a
# quarter more (57, 100, 459, 385, 617, 179; the tables of docs/benchmark.md are of three CPUs).
. ./tap.sh
. ./visor.sh

figures=/tmp/figures
tracing=/sys/kernel/tracing
mount -t tracefs tracefs $tracing 2>/dev/null
bench() { taskset -c 0 /lab/bench/bench "$@" >>$figures 2>&1; }
guest() { bench guest "$1" /lab/bench/guest.bin "$2" "$3"; } # device, who, what
# Owners are on CPU 0, the guest on CPU 1; as in tests/bench/bench.sh.
kick() { bench kick /lab/bench/guest.bin guest 0; }
kvm_kick() {
    echo 1 >$tracing/events/kvm/kvm_exit/enable
    echo x86-tsc >$tracing/trace_clock
    bench kvm-kick /lab/bench/guest.bin kvm 1 $tracing/per_cpu/cpu1/trace
}
median() { # who, what
    sed -n "s/^{\"what\": \"$2\", \"who\": \"$1\", .*\"median\": \([0-9]*\),.*/\1/p" $figures
}
within() { # limit, ours, KVM's
    [ "${2:-0}" -gt 0 ] && [ "${3:-0}" -gt 0 ] || return 1 # nothing was measured
    echo "# $2 and $3 ticks: $(($2 * 1000 / $3)) per mille, at most $1"
    [ $(($2 * 1000)) -le $(($1 * $3)) ]
}
compared() { # limit, who, what
    name="$2: $3 takes at most $1 per mille of KVM's"
    if within "$1" "$(median "$2" "$3")" "$(median kvm "$3")"; then
        passed "$name"
    else
        failed "$name" "$(grep -h "\"what\": \"$3\"" $figures)"
    fi
}

plan 16
exits="cpuid,out to user space,out to an owner that sleeps"
check "the module loads" load
echo 0 >$debugfs/trace_on
check "CPUID in Linux" bench linux statistics 1 cpuid
check "exits of a guest" guest /dev/rmvisor guest "$exits"
check "kicks of a guest" kick
echo 1 >$debugfs/trace_on
check "CPUID in Linux, traced" bench linux trace 1 cpuid
check "the module unloads" unload
check "KVM's module loads" lab-insmod kvm_intel
check "exits of a guest under KVM" guest /dev/kvm kvm "$exits"
check "the module that sends KVM's kicks loads" insmod /lab/rmtest.ko
check "kicks of a guest under KVM" kvm_kick
rmmod rmtest
rmmod kvm_intel
rmmod kvm
compared 72 statistics cpuid
compared 125 trace cpuid
compared 577 guest cpuid
compared 483 guest "out to user space"
compared 824 guest "out to an owner that sleeps"
compared 224 guest "kick alone"
finish
