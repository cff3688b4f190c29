# SPDX-License-Identifier: GPL-2.0-only
# Linux goes to sleep and comes back while the module is loaded. Its pm_test turns round before the
# firmware has the machine: at "devices" with the devices asleep, at "processors" with all CPUs but
# the first offline, at "core" with everything off; S3 itself comes last. Two CPUs, a kernel with
# PM_DEBUG.
. ./tap.sh
. ./visor.sh
. ./ending.sh

power=/sys/power
seconds=1
sleeps=0

# The ticks between each LEAVE and the LAUNCH that follows it on CPU $1.
gaps() {
    awk -v cpu="$1" '$1 == cpu && / LEAVE / { left = $3 }
        $1 == cpu && / LAUNCH / && left { print int($3 - left); left = 0 }' /tmp/trace.txt
}

# Every CPU has left before each sleep and come back after it.
was_native() {
    cat $debugfs/trace >/tmp/trace.txt
    for cpu in 0 1; do
        [ "$(gaps $cpu | wc -l)" -eq $sleeps ] && [ "$(gaps $cpu | sort -n | head -n 1)" -ge \
            $((seconds * tsc_khz * 900)) ] && continue
        echo "CPU $cpu: gaps $(gaps $cpu | tr '\n' ' ')in $sleeps sleeps, $tsc_khz kHz"
        grep -E "^ *$cpu .* (LEAVE|LAUNCH) " /tmp/trace.txt
        return 1
    done
}

sleep_at() { # level, state
    sleeps=$((sleeps + 1))
    echo "$1" >$power/pm_test || return 1
    echo "$2" >$power/state || return 1
    was_native && all_have_state linux && use_cpuid 1
}

deep_sleep() {
    echo none >$power/pm_test && echo mem >$power/state && all_have_state linux && use_cpuid 1
}
stop_guest() { kill $guest && wait_for 20 has_state 1 linux; }

tsc_khz=$(dmesg | sed -n 's/.*tsc: Detected \([0-9]*\)\.\([0-9]*\) MHz.*/\1\2/p' | head -n 1)
plan 20
check "pm_test is there" grep -q core $power/pm_test
check "the machine has S3" grep -q mem $power/state
echo $seconds >/sys/module/suspend/parameters/pm_test_delay
check "the module loads" load trace_buffer_kb=1024
for level in freezer devices processors core; do
    check "CPUs are native in a sleep down to $level" sleep_at $level mem
done
check "and in s2idle" sleep_at devices freeze
check "a guest runs on CPU 1 after all that" run_guest --cpu 1 $guests/hello.bin

mark_log
check "a guest that never ends" spin_on 1
guest=$!
says 'busy' "no sleep while it runs" sh -c "echo mem >$power/state"
check "the log says why" log_has 'no suspend while a CPU is dedicated'
check "the guest goes on" runs_guest 1
check "it ends" stop_guest
# The guests have added transitions of CPU 1 to the trace.
check "the module loads anew" sh -c "rmmod rmvisor && insmod $module trace_buffer_kb=1024"
sleeps=0
check "a sleep after it" sleep_at processors mem

# The machine is reset and its firmware goes back to Linux at once. The TSC begins anew.
mark_log
check "CPUs are guests again after a true S3" deep_sleep
check "it was one" log_has 'Waking up from system sleep state S3'
check "a guest runs on CPU 1 after it" run_guest --cpu 1 $guests/hello.bin
check "the module unloads" unload
finish
