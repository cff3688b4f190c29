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
is_owners_alone() { [ "$(stat -c %a $RMGUEST_RUNTIME_DIR/spinner.sock)" = 600 ]; }
no_socket() { ! [ -e $RMGUEST_RUNTIME_DIR/spinner.sock ]; }
second_of_that_name() { rmguest run --name spinner $guests/hello.bin; }

# A recording of everything for a second, with a guest in it.
record() {
    rmguest trace --record /tmp/all.rmt --seconds 3 --image $guests/hello.bin &
    recorder=$!
    sleep 0.5
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

lab-insmod msr

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

plan 37
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
check "it still runs" has_state 1 running
check "stop ends it" rmguest stop spinner
check "with the status of a guest that was stopped" spinner_ended_with 143
check "the socket is gone" no_socket
check "the CPU is back" wait_for 20 all_online

check "a recording" record
says 'vm[0-9]+/vcpu0 +(hello +)?I/O instruction .* out ' "has the guest's exits, disassembled" recorded
says 'GUEST.*SYMBOL' "has symbols" recorded_linux
says 'CPUID .*[a-z_]+\+0x[0-9a-f]+ .*cpuid' "of Linux's exits" recorded_linux
says '"ph":"X".*"cat":"visor"|"cat":"visor","ph":"X"' "as a timeline" timeline
says '^time,tsc,cpu,guest' "as CSV" csv
check "follow shows what comes, until Ctrl-C" follow_until_interrupted
check "a signal at any moment gives the CPU back" ended_at_any_moment
check "all CPUs are online" all_online
check "the module unloads" unload
finish
