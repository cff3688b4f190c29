# SPDX-License-Identifier: GPL-2.0-only
# What the demonstrations are made of; to be sourced after visor.sh.

step() { printf '\n==== %s\n' "$1"; }
explain() { echo "     $1"; }
indent() { sed "s/^/     ${1:-}/"; } # [what stands before each line]
perform() { # shows it, then does it
    echo "\$ $*"
    "$@" || stop "$1" $?
}
stop() { # what, exit status
    echo "demo: $1 failed with exit status $2; the kernel's last words:"
    dmesg | tail -n 20
    exit "$2"
}
cpus() { explain "Linux has CPUs $(online)"; }
say_log() { new_log | grep -E "$1" | indent 'dmesg: '; }
say_state() { state_line "$1" | sed 's/ launch_ticks.*//' | indent; } # cpu

# On CPU 0: a test module does what firmware or another kernel would.
tell_rmtest() { # file, what
    echo "\$ echo $2 >/sys/kernel/debug/rmtest/$1"
    taskset -c 0 sh -c "echo $2 >/sys/kernel/debug/rmtest/$1" || stop "rmtest/$1" $?
}

# In the background, its output in /tmp/NAME.out; $! is its process.
start_guest() { # name, arguments of rmguest run
    name=$1; shift
    echo "\$ rmguest run --name $name $* &"
    rmguest run --name "$name" --timeout 60 "$@" >"/tmp/$name.out" 2>&1 </dev/null &
    guest=$!
    wait_for 20 has_state 1 running || stop "starting a guest" 1
}
