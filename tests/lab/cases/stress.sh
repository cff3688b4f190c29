# SPDX-License-Identifier: GPL-2.0-only
# Work for every CPU; to be sourced after tap.sh and visor.sh.

number_of_cpus() { grep -c ^processor /proc/cpuinfo; }

# stress-ng wants a place for its files, and says nothing unless it fails.
stress() { stress-ng --quiet --temp-path /tmp --oom-avoid "$@"; }

# Processes, files and pipes, as a compiler's driver makes them.
compile_like() { # seconds
    end=$(($(date +%s) + $1))
    while [ "$(date +%s)" -lt "$end" ]; do
        for file in /lab/cases/*.sh; do
            sed 's/[a-z]*/<&>/g' "$file" | sort | gzip >"/tmp/unit.$$"
            gzip -d <"/tmp/unit.$$" | md5sum
        done
    done >/dev/null
    rm -f "/tmp/unit.$$"
}

# Faults, forks, switches and system calls everywhere.
general_load() { # seconds
    n=$(number_of_cpus)
    stress --timeout "$1" --cpu "$n" --cpu-method int32 --vm "$n" --vm-bytes 4m --fork "$n" \
        --pipe "$n" --switch "$n" --fault "$n"
}

# Interrupts between CPUs (TLB shootdowns, membarriers) and from timers.
interrupt_load() { # seconds
    n=$(number_of_cpus)
    stress --timeout "$1" --tlb-shootdown "$n" --membarrier "$n" --timer "$n" --timer-freq 1000 \
        --hrtimers 1
}

# These go on until they are stopped; not through a function, so that $! is stress-ng's own process.
start_stress() {
    n=$(number_of_cpus)
    stress-ng --quiet --temp-path /tmp --oom-avoid --cpu "$n" --cpu-method int32 --vm 1 \
        --vm-bytes 4m --fork 1 --pipe 1 --switch 1 --tlb-shootdown 1 --membarrier 1 &
    stress_pid=$!
}
# The same, but insmod and rmmod go first where they meet it: with one CPU a cycle in a third of the time.
start_polite_stress() {
    n=$(number_of_cpus)
    sh -c 'renice -n 15 -p $$ >/dev/null; exec stress-ng "$@"' - --quiet --temp-path /tmp --oom-avoid \
        --cpu "$n" --cpu-method int32 --vm 1 --vm-bytes 4m --fork 1 --pipe 1 --switch 1 \
        --tlb-shootdown 1 --membarrier 1 &
    stress_pid=$!
}
# Hotplug moves every task of a CPU; in an emulator that ends only if there are few.
start_light_stress() {
    stress-ng --quiet --temp-path /tmp --oom-avoid --cpu "$(number_of_cpus)" --cpu-method int32 \
        --pipe 1 &
    stress_pid=$!
}
stress_processes() { cat /proc/[0-9]*/comm 2>/dev/null | grep -c '^stress-ng'; }
stress_runs() { [ "$(stress_processes)" -gt "$(number_of_cpus)" ]; }
no_stress() { [ "$(stress_processes)" = 0 ]; }
stop_stress() {
    kill $stress_pid
    wait_for 30 no_stress
}
