# SPDX-License-Identifier: GPL-2.0-only
# soak.sh STEPS SEED [WITHOUT]: under load, what users and administrators do, in an order that the seed
# decides: the module comes and goes, CPUs go and come, guests run, end and are killed, random ioctls
# and random guests, readers of traces, KVM that wants the CPU, perf, storms of NMIs, SMIs, INITs and IPIs.
# After each step every CPU that is online is in the right state; the launcher judges the kernel's log.
# The same seed walks the same way, and the log says which; steps of kind WITHOUT do nothing.
. ./tap.sh
. ./visor.sh
. ./stress.sh
. ./storms.sh
. ./walk.sh
. ./soak_plan.sh
steps=$1
seed=$2
without=${3:-nothing}

# A killed owner's CPU takes a moment to come back: it must not look like one that was toggled.
patience=20

# There may be no CPU to give away: then the refusal has to say so.
has_spare_cpu() { [ "$(grep -c '^cpu[1-9].*: linux' $debugfs/status)" -gt 0 ]; }

guest() {
    if has_spare_cpu; then run_guest $guests/hello.bin; else ! run_guest $guests/hello.bin; fi
}
killed_guest() { # number
    has_spare_cpu || return 0
    rmguest run --timeout 60 $guests/spin.bin </dev/null >/dev/null 2>&1 &
    owner=$!
    usleep $(($1 % 400000))
    kill -9 $owner
    wait $owner 2>/dev/null
    true
}
random_round() { has_spare_cpu || return 0; $guests/chaos /dev/rmvisor 1 "$1"; }
read_trace() {
    echo 1 >$debugfs/trace_on && head -n 50 $debugfs/trace >/dev/null
    status=$?
    echo 0 >$debugfs/trace_on
    return $status
}
# With rmvisor loaded KVM can't have the CPU, and says so; natively it can.
try_kvm() {
    lab-insmod kvm_intel >/dev/null 2>&1 && rmmod kvm_intel
    rmmod kvm 2>/dev/null
    true
}

step() { # what, number
    case $1 in
    "$without") ;;
    module) toggle_module ;;
    cpu) toggle_cpu "$2" ;;
    kvm) try_kvm ;;
    nmi | smi | init | ipi) "$1_storm" "$2" ;;
    perf) use_perf ;;
    *)
        is_loaded || return 0
        case $1 in
        guest) guest ;;
        killed) killed_guest "$2" ;;
        chaos) random_round "$2" ;;
        trace) read_trace ;;
        stats) cat $debugfs/status $debugfs/stats >/dev/null ;;
        esac ;;
    esac
}

plan 9
check "rmtest loads" insmod /lab/rmtest.ko
walk_under_load
check "rmtest unloads" rmmod rmtest
finish
