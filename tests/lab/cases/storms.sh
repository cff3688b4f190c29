# SPDX-License-Identifier: GPL-2.0-only
# Storms of interrupts at a CPU, natively, with Linux as its guest, or with a guest of its own; to be sourced after visor.sh
# and stress.sh. rmtest is loaded.
rmtest=/sys/kernel/debug/rmtest

is_online() { [ "$(cat "$cpu_folder/cpu$1/online")" = 1 ]; }
any_cpu() { echo $((1 + $1 % ($(number_of_cpus) - 1))); } # number: one of them, but the first
send_from_first() { # file of rmtest, words
    file=$1; shift
    taskset -c 0 sh -c "echo $* >$rmtest/$file"
}
none_lost() { grep -q ' lost 0' "$rmtest/$1" || { cat "$rmtest/$1"; return 1; }; }

# A guest on CPU $1 that never ends, in the background, meanwhile.
beside_guest() { # cpu, command...
    rmguest run --cpu "$1" --timeout 60 $guests/spin.bin </dev/null >/dev/null 2>&1 &
    beside=$!
    wait_for 20 has_state "$1" running; status=$?
    shift
    [ $status -eq 0 ] && { "$@"; status=$?; }
    kill -9 $beside
    wait $beside 2>/dev/null
    return $status
}
# At Linux on that CPU, or for every other number at a guest there, if there can be one.
maybe_beside_guest() { # number, cpu, command...
    odd=$(($1 / 1000 % 2)); spared=$2; shift 2
    if [ $odd -eq 1 ] && is_loaded && has_state "$spared" linux; then
        beside_guest "$spared" "$@"
    else
        "$@"
    fi
}

nmi_storm() { # number
    cpu=$(any_cpu "$1")
    is_online "$cpu" || return 0
    send_from_first nmi "$cpu" 300 && none_lost nmi
}
smi_storm() { # number
    cpu=$(any_cpu "$1")
    is_online "$cpu" || return 0
    maybe_beside_guest "$1" "$cpu" send_from_first smi ipi "$cpu" 100 2000 && none_lost smi
}
# Natively an INIT ends what Linux does there.
init_storm() { # number
    cpu=$(any_cpu "$1")
    is_loaded && has_state "$cpu" linux || return 0
    maybe_beside_guest "$1" "$cpu" send_from_first init "$cpu" 20
}
ipi_storm() { interrupt_load 1; }
# What of perf an emulator without a PMU has: counters and samples by software.
use_perf() { stress --perf --timeout 1 --cpu "$(number_of_cpus)" --cpu-method int32; }
