# SPDX-License-Identifier: GPL-2.0-only
# smi.sh COUNT [unseen]: COUNT SMIs at random moments, at everything that a CPU can be doing. Where RSM
# forgets the mode of a guest without paging (Bochs does), each of these is repaired and counted, and the
# guests, which check what they compute, see nothing. "unseen": the chipset's SMIs are sent, too, and
# can't be seen by their time. Two CPUs.
#
# Of SMIs that are just sent nobody can say what they meet: while a guest waits for its owner they all
# meet root, since the owner gets no turn on the CPU that sends. So guests compute for long without an
# exit, and "hit" counts what was met and goes on until COUNT of them have met the guest.
#
# No SMI falls into a launch or a leave: Bochs forgets CR4.VMXE where one comes before VMXON, and has a
# panic where the preemption timer runs out in SMM.
. ./tap.sh
. ./visor.sh
count=$1
smi=/sys/kernel/debug/rmtest/smi
gap=3000 # loops at most from one to the next

send() { taskset -c 0 sh -c "echo $* >$smi"; }
field() { sed "s/.*\b$1 \([0-9]*\).*/\1/" $smi; } # name
repairs() { sed -n 's/^cpu1:.* smi_repairs \([0-9]*\).*/\1/p' $debugfs/status; }
result() { echo "# $1: $(cat $smi); smi_repairs $(repairs)"; }
dots() { wc -c </tmp/dots; }
has_more_dots() { [ "$(dots)" -gt "$1" ]; } # than
goes_on() { kill -0 $pid && wait_for 20 has_more_dots "$(dots)"; }

all_taken() { cat $smi; [ "$(field taken)" -eq "$1" ] && [ "$(field lost)" -eq 0 ]; }

# What the last SMIs hit without paging was repaired, one by one.
repaired_each() { # repairs before
    echo "$(cat $smi); $(($(repairs) - $1)) repairs"
    [ $(($(repairs) - $1)) -eq "$(field unpaged)" ]
}
all_hit() { cat $smi; [ "$(field unpaged)" -eq "$1" ] && [ "$(field lost)" -eq 0 ]; }

# Each of them is a record of the trace, where the ring has room for them all.
start_trace() {
    echo 1024 >$debugfs/buffer_size_kb
    echo 'type == smi' >$debugfs/filter
    echo >$debugfs/trace
}
traced() { grep -c ' SMI' $debugfs/trace; }
traced_each() { # how many
    echo "$(traced) in the trace"
    [ "$1" -lt 15000 ] || set 15000
    [ "$(traced)" -ge "$1" ]
}

# Two SMIs are back to back when the second waits at the RSM of the first: one repair.
back_to_back() {
    before=$(repairs)
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        send burst 1 "$count" 10
        [ $(($(repairs) - before)) -ge 10 ] && return
        sleep 0.1
    done
    return 1
}

start() { # arguments of rmguest run
    rmguest run --cpu 1 --timeout 600 "$@" >/tmp/dots 2>/tmp/errors &
    pid=$!
    wait_for 20 has_more_dots 0 || { cat /tmp/errors; return 1; }
}
end() {
    kill $pid
    wait $pid
}
is_back() { wait_for 20 has_state 1 linux && use_cpuid 1; }

disturb() { # guest, arguments of rmguest run
    name=$1; shift
    check "$name: it works" start "$@" "$guests/$name.bin"
    before=$(repairs)
    check "$name: SMIs" send ipi 1 "$count" $gap
    result "$name"
    check "$name: each was taken" all_taken "$count"
    check "$name: each that hit the guest without paging was repaired" repaired_each "$before"
    check "$name: it computes on" goes_on
}

hit() { # the guest that was disturbed
    start_trace
    before=$(repairs)
    check "$name: SMIs until $count have met it without paging" send hit 1 "$count" $gap
    result "$name"
    check "$name: they have" all_hit "$count"
    check "$name: each was repaired" repaired_each "$before"
    check "$name: and is in the trace" traced_each "$count"
    check "$name: it computes on after these" goes_on
}

plan 65
mark_log
check "rmtest loads" insmod /lab/rmtest.ko
check "SMIs, natively" send ipi 1 "$count" $gap
check "each was taken" all_taken "$count"

check "the module loads" load
check "SMIs to Linux in VMX" send ipi 1 "$count" $gap
result "Linux"
check "each was taken" all_taken "$count"
check "SMIs by the chipset" send port 100
if [ "$2" = unseen ]; then
    skip "CPU 0 is seen to take them" "here a write of port B2h takes no longer than one of port 80h"
else
    check "CPU 0 is seen to take them" [ "$(field taken)" -gt 0 ]
fi
check "CPU 0 works" use_cpuid 0
check "CPU 1 works" use_cpuid 1

for guest in smi_real smi_protected smi_modes; do
    disturb $guest --memory 2M
    hit
    fails "$guest: it ends when it is told to, not before" 143 end
    check "$guest: CPU 1 is back" is_back
done

disturb smi_halt --apic
fails "smi_halt: it ends when it is told to, not before" 143 end
check "smi_halt: CPU 1 is back" is_back

check "a guest that is stopped over and over" start $guests/smi_real.bin
kill -STOP $pid
sleep 0.2 # its threads, too
check "its CPU is parked" wait_for 20 has_state 1 parked
check "SMIs" send ipi 1 "$count" $gap
is "each was taken in root" "$(field taken) $(field unpaged)" "$count 0"
send ipi 1 "$count" $gap &
for _ in 1 2 3 4 5; do
    kill -CONT $pid; usleep 3000; kill -STOP $pid
done
wait $!
kill -CONT $pid
check "it computes on" goes_on
check "SMIs back to back until ten repairs" back_to_back
result "back to back"
check "and goes on" goes_on
fails "it ends when it is told to, not before" 143 end
check "CPU 1 is back" is_back
check "the module unloads" unload
check "SMIs, natively again" send ipi 1 "$count" $gap
rmmod rmtest
check "the log is calm" log_is_calm
finish
