# SPDX-License-Identifier: GPL-2.0-only
# owners.sh: an owner is killed in each state that it and its vCPU can be in; the module can't go while it
# lives, and CPU 1 is back with Linux after it. Two CPUs.
. ./tap.sh
. ./visor.sh

begin() { # state
    owner_states "$1" >/tmp/owner.out 2>&1 &
    owner=$!
    wait_for 20 grep -q there /tmp/owner.out || { cat /tmp/owner.out; return 1; }
}
ends_by_signal() { # number
    kill "-$1" $owner
    wait $owner 2>/dev/null
    ended=$?
    [ $ended -eq $((128 + $1)) ] || { echo "status $ended"; cat /tmp/owner.out; return 1; }
}
is_back() { wait_for 20 all_have_state linux && all_online && use_cpuid 1; }

# Each state: what the module says of CPU 1 meanwhile.
state_of_cpu='vm linux
fresh parked
memory parked
running running
exits running|parked
asked parked
stepped parked
stopped parked
halted running
unstarted running'

is_there() { state_of 1 | grep -q -x -E "$1"; }
kill_in() { # state, what CPU 1 is
    begin "$1" || return 1
    wait_for 5 is_there "$2" || { state_line 1; ends_by_signal 9; return 1; }
    unload >/tmp/unload.out 2>&1 && { echo "the module could go"; return 1; }
    grep -q -E 'temporarily|in use|busy' /tmp/unload.out || { cat /tmp/unload.out; return 1; }
    ends_by_signal 9 && is_back
}

plan 16
mark_log
check "the module loads" load
is "every state is tried" "$(echo "$state_of_cpu" | cut -d' ' -f1)" "$(owner_states | grep -v late)"
while read -r name expected <&3; do
    check "killed: $name" kill_in "$name" "$expected"
done 3<<EOF
$state_of_cpu
EOF
check "one that sleeps is woken when its guest ends" owner_states late
check "the module unloads" unload
check "nothing of it stays" is_gone
check "the log is calm" log_is_calm
finish
