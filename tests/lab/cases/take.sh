# SPDX-License-Identifier: GPL-2.0-only
# take.sh ROUNDS: a CPU goes to a guest and comes back, whatever ends the guest. Four CPUs.
. ./tap.sh
. ./visor.sh
rounds=$1

# A guest that never ends on CPU $1, with more arguments; its process is $pid.
spin() {
    cpu=$1; shift
    rmguest run --cpu "$cpu" --timeout 600 "$@" $guests/spin.bin >/tmp/spin.out 2>/tmp/spin.err &
    pid=$!
    wait_for 20 has_state "$cpu" running || { cat /tmp/spin.err; return 1; }
    wait_for 20 grep -q spinning /tmp/spin.out
}

is_offline() { [ "$(cat "$cpu_folder/cpu$1/online")" = 0 ]; }
is_back() { wait_for 20 has_state "$1" linux && ! is_offline "$1" && use_cpuid "$1"; }

end_by() { # signal, cpu
    spin "$2" || return 1
    kill "-$1" $pid
    wait $pid
    status=$?
    is_back "$2" || return 1
    return $status
}

# In the foreground: a shell without job control makes its background processes ignore SIGINT.
interrupted() { timeout -s INT 2 rmguest run --cpu "$1" $guests/spin.bin; }
out_of_time() { rmguest run --cpu "$1" --timeout 1 $guests/spin.bin; }

hello_on() {
    run_guest --cpu "$1" $guests/hello.bin >/tmp/hello.out 2>/tmp/hello.err || {
        cat /tmp/hello.err; return 1; }
    cmp /tmp/hello.out $guests/expected/hello.out && is_back "$1"
}

two_at_once() {
    spin 1 || return 1
    first=$pid
    spin 2 || return 1
    second=$pid
    hello_on 3
    status=$?
    runs_guest 1 && runs_guest 2 || status=1
    kill $first $second
    wait $first $second
    is_back 1 && is_back 2 && return $status
}

loop() {
    for round in $(seq "$rounds"); do
        hello_on $((round % 3 + 1)) || { echo "round $round"; return 1; }
    done
}

kill_loop() {
    for round in $(seq "$rounds"); do
        end_by KILL $((round % 3 + 1)) >/dev/null
        [ $? -eq 137 ] || { echo "round $round"; cat $debugfs/status; return 1; }
    done
}

plan 29
mark_log
check "the module loads" load
for cpu in 1 2 3; do
    check "a guest on CPU $cpu" hello_on $cpu
done

check "a guest that never ends on CPU 2" spin 2
check "Linux has CPU 2 offline" is_offline 2
says 'running owner vm[0-9]+/0' "the status names its owner" state_line 2
says 'busy' "CPU 2 can't be put online by hand" set_online 2 1
check "the guest goes on" runs_guest 2
says 'temporarily|in use|busy' "the module can't be unloaded" unload
kill $pid
wait $pid
is "a guest ended by SIGTERM" $? 143
check "CPU 2 is back" is_back 2

fails "a guest ended by SIGTERM on CPU 1" 143 end_by TERM 1
fails "a guest ended by SIGHUP on CPU 1" 129 end_by HUP 1
fails "a guest whose owner is killed" 137 end_by KILL 3
fails "a guest ended by Ctrl-C" 130 interrupted 2
check "CPU 2 is back from Ctrl-C" is_back 2
fails "a guest that runs out of time" 124 out_of_time 2
check "CPU 2 is back from the time-out" is_back 2
fails "a guest with a status of its own" 42 run_guest --cpu 3 $guests/exit42.bin
fails "a guest that triple-faults" 126 run_guest --cpu 3 $guests/triple_fault.bin
check "CPU 3 is back from the triple fault" is_back 3
check "three guests at once" two_at_once
check "$rounds rounds of a guest" loop
check "$rounds rounds of a killed owner" kill_loop
check "all CPUs are online" all_online
check "all CPUs are guests" all_have_state linux
check "the module unloads" unload
check "the log is calm" log_is_calm
finish
