# SPDX-License-Identifier: GPL-2.0-only
# rmguest's commands about guests that run, and about the machine.
. ./tap.sh
. ./visor.sh

export RMGUEST_RUNTIME_DIR=/tmp/rmguest-run

start_spinner() {
    rmguest run --name spinner --stats $guests/spin.bin >/tmp/spinner.out 2>/tmp/spinner.err </dev/null &
    spinner=$!
    wait_for 20 has_state 1 running
}

spinner_ended_with() {
    wait $spinner
    status=$?
    [ $status -eq "$1" ] || { echo "exit status $status"; cat /tmp/spinner.err; return 1; }
}

doctor() { rmguest doctor; }
doctor_json() { rmguest doctor --json; }
list() { rmguest ps; }
list_json() { rmguest ps --json; }
status() { rmguest status; }
status_json() { rmguest status --json; }
is_owners_alone() { [ "$(stat -c %a $RMGUEST_RUNTIME_DIR/spinner.sock)" = 600 ]; }
no_socket() { ! [ -e $RMGUEST_RUNTIME_DIR/spinner.sock ]; }
second_of_that_name() { rmguest run --name spinner $guests/hello.bin; }

# A recording of everything for a second, with a guest in it.
record() {
    rmguest trace --record /tmp/all.rmt --seconds 3 --image $guests/hello.bin &
    recorder=$!
    sleep 0.5
    dd if=/dev/cpu/0/cpuid of=/dev/null bs=16 count=1 || return 1 # a CPUID of the kernel's own
    run_guest $guests/hello.bin || return 1
    wait $recorder
}
recorded() { rmguest trace --cpu 1 /tmp/all.rmt; }
recorded_linux() { rmguest trace --vm 0 --reason cpuid /tmp/all.rmt; }
timeline() { rmguest trace --format timeline /tmp/all.rmt; }
csv() { rmguest trace --format csv /tmp/all.rmt; }

follow_until_interrupted() {
    rmguest trace --follow --vm 0 >/tmp/follow.out &
    follower=$!
    sleep 0.5
    use_cpuid 0 >/dev/null
    sleep 0.3
    kill -INT $follower
    wait $follower && grep -q CPUID /tmp/follow.out
}

# The summary of a run whose exits are known: 8 accesses to ports and HLT, of which nothing is the
# time-out's or a kick's.
exits_with_stats() { run_guest --stats $guests/exits.bin; }
exits_as_json() { run_guest --json $guests/exits.bin; }

printed() { [ "$(cat /tmp/waiting.out)" = "$1" ]; }
start_waiting() {
    rmguest run --name waiting --halt wait --timeout 60 $guests/waiting.bin >/tmp/waiting.out 2>/tmp/waiting.err \
        </dev/null &
    waiting=$!
    wait_for 20 is_halted && rmguest inject waiting nmi --json && wait_for 20 printed N
}
is_halted() { rmguest ps --json | grep '"state":"halted"'; }
inject_irqs() {
    rmguest inject waiting irq 0x21 && wait_for 20 printed NI || return 1
    rmguest inject waiting irq 33 --json | grep -q '"ok":true' && wait_for 20 printed NII || return 1
    rmguest inject waiting irq 33
    wait $waiting
    [ $? -eq 5 ] && printed NIII
}
no_init_without_apic() { rmguest inject waiting init; }

# Two looks while Linux and a guest make exits: batch, sorted and grouped, and as JSON.
top_of() { # arguments
    rmguest top "$@" -d 1.5 >/tmp/top & top=$!
    sleep 0.3
    use_cpuid 0 >/dev/null
    run_guest $guests/exits.bin >/dev/null
    wait $top && cat /tmp/top
}
top_table() { top_of -n 1; }
top_json() { top_of --json --group reason --sort total; }
stats_are() { cat $debugfs/stats_on; }

# What the module keeps while rmguest trace --filter follows; afterwards the filter is what it was.
follow() { # filter, command...
    echo 0 >$debugfs/trace_on
    : >$debugfs/trace
    rmguest trace --follow --json --filter "$1" --seconds 4 >/tmp/followed & follower=$!
    shift
    wait_for 5 filter_is_not none
    echo 1 >$debugfs/trace_on
    "$@" >/dev/null
    wait $follower || return 1
    [ "$(head -n 1 $debugfs/filter)" = none ] || { cat $debugfs/filter; return 1; }
}
filter_is_not() { [ "$(head -n 1 $debugfs/filter)" != "$1" ]; }
followed_only() { # filter, what each new record has
    follow "$1" everything || return 1
    [ -s /tmp/followed ] || { echo "nothing came"; return 1; }
    ! grep -v -E "$2" /tmp/followed
}
everything() { use_cpuid 0; use_cpuid 1; run_guest $guests/exits.bin; }
bad_filter() { rmguest trace --follow --seconds 1 --filter 'reason == cpuid && port = 3'; }
stop_all() { rmguest stop --all --json; }

lab-insmod msr
lab-insmod cpuid

# A signal before, while and after the CPU is taken. Not SIGINT, which a shell's background job
# ignores until rmguest has asked for it.
ended_at_any_moment() {
    for delay in 0 0.01 0.03 0.06 0.1 0.2; do
        rmguest run $guests/spin.bin >/dev/null 2>&1 </dev/null &
        pid=$!
        sleep $delay
        kill -TERM $pid
        wait $pid
        [ $? -eq 143 ] || { echo "after $delay s: another exit status than 143"; return 1; }
        wait_for 20 all_online || return 1
    done
}

plan 58
mark_log
says 'rmvisor +not loaded' "doctor works without the module" doctor
says 'rmvisor can be loaded here|Nothing was found that stands' "and finds nothing in the way" doctor
says '"source":"msr"' "by the CPUs' own registers" doctor_json
says 'dual-monitor SMM +CPU 0-1: not possible' "and what they say of SMM" doctor
says 'SMI command +port 0xb2; 0xf1 there turns ACPI on' "and what the firmware does" doctor
fails "ps without the module" 0 list
says 'insmod rmvisor' "and it says how to load it" list
fails "status without the module" 125 status
check "the module loads" load
check "it logs what SMM can do here" log_has 'rmvisor: SMM: dual monitor not possible .*port 0xb2 .*PIIX4'
says 'SMI sources +PIIX4 ' "doctor asks it for the chipset's register" doctor
says '^ +1  linux +linux' "status shows the CPUs" status
says '"cpu":1,"state":"linux","owner":"linux"' "as JSON too" status_json
stats_before=$(stats_are)

check "a guest runs" start_spinner
says '^spinner +[0-9]+ +[0-9]+ +0 +1 +running +1088K' "ps shows it" list
says '"image":"/lab/guests/spin.bin"' "and as JSON" list_json
says '^ +1  running +vm' "status shows whose the CPU is" status
says ' \(spinner\) pid [0-9]+ ' "the module knows its name" state_line 1
check "its socket is its owner's alone" is_owners_alone
fails "a second guest of that name is refused" 125 second_of_that_name
fails "an event that there is not" 125 rmguest inject spinner smi
fails "a vCPU that there is not" 125 rmguest inject spinner nmi --vcpu 9
says "did you mean 'spinner'" "a guest that there is not" rmguest inject spiner nmi
check "it still runs" runs_guest 1
check "stop ends it" rmguest stop spinner
check "with the status of a guest that was stopped" spinner_ended_with 143
check "the socket is gone" no_socket
check "the CPU is back" wait_for 20 all_online

says 'exits by reason: I/O instruction 8, HLT 1' "a run's summary has its exits" exits_with_stats
says 'ticks: [0-9]+ in KVM_RUN .of these [1-9][0-9]* in the visor., [0-9]+ in rmguest' \
    "and its ticks" exits_with_stats
says '"reason":30,"name":"I/O instruction","count":8,"ticks":[1-9]' "as JSON too" exits_as_json
says 'guest vm [0-9]+; 9 exits, [0-9]+ to user space; halted, status 0' "and all in one line" exits_with_stats

check "a guest waits, and takes an NMI" start_waiting
fails "it has no local APIC for an INIT" 125 no_init_without_apic
check "it takes interrupts, and the last one ends it" inject_irqs
check "the CPU is back" wait_for 20 all_online

says '^ +1 (guests|exits) +I/O instruction +[0-9]+ +[1-9][0-9]* +[1-9][0-9]* ' "top shows the guest's exits and ticks" \
    top_table
says '^ +0 linux +CPUID +[0-9]+ +[1-9][0-9]* +[1-9][0-9]* ' "and those of Linux" cat /tmp/top
says '"reason":"CPUID","exits":[0-9]+,"rate":[1-9]' "as JSON, by reason" top_json
is "what measures ticks is as it was" "$(stats_are)" "$stats_before"

check "trace --filter: by reason and CPU" followed_only 'reason == cpuid && cpu == 0' '"cpu":0,.*"event":"CPUID"'
check "by guest, port and address" followed_only 'vm != 0 && port == 0xe9 && address == 0x7c00..0x7dff' \
    '"guest":"vm[0-9]+/vcpu0".* port 0xe9,'
says 'character 25' "a bad filter is refused, with the place" bad_filter
is "and nothing has changed" "$(head -n 1 $debugfs/filter)" none

check "a guest runs again" start_spinner
says '"stopped":\["spinner"\]' "stop --all ends it" stop_all
check "as one that was stopped" spinner_ended_with 143
check "the CPU is back" wait_for 20 all_online

check "a recording" record
says 'vm[0-9]+/vcpu0 +hello +I/O instruction .* out ' "has the guest's exits, disassembled" recorded
says 'GUEST.*SYMBOL' "has symbols" recorded_linux
says 'CPUID .*[a-z_]+\+0x[0-9a-f]+ .*cpuid' "of Linux's exits" recorded_linux
says '"ph":"X".*"cat":"visor"|"cat":"visor","ph":"X"' "as a timeline" timeline
says '^time,tsc,cpu,guest' "as CSV" csv
check "follow shows what comes, until Ctrl-C" follow_until_interrupted
check "a signal at any moment gives the CPU back" ended_at_any_moment
check "all CPUs are online" all_online
check "the module unloads" unload
finish
