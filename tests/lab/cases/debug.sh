# SPDX-License-Identifier: GPL-2.0-only
# rmguest's monitor and its GDB port, on a guest that has a CPU of its own.
. ./tap.sh
. ./visor.sh

# One session of the monitor by a script: image, lines. What it said stays for `said`.
monitor() {
    image=$1; shift
    printf '%s\n' "$@" | rmguest run --timeout 60 --debug "$image" >/tmp/debug.out 2>/tmp/debug.err
    debug_status=$?
}
said() { cat /tmp/debug.out /tmp/debug.err; }

# A GDB of two pipes and busybox: asks one packet after the other, and waits for each answer.
checksum() {
    printf %s "$1" | od -An -v -tu1 |
        awk '{ for (i = 1; i <= NF; i++) sum += $i } END { printf "%02x", sum % 256 }'
}
answers() { tr -d '+' <"$gdb_log" | grep -o '\$[^#]*#..' | wc -l; }
connect_gdb() { # image, more arguments
    rm -f /tmp/gdb.in; mkfifo /tmp/gdb.in
    gdb_log=/tmp/gdb.log; : >$gdb_log
    rmguest run --timeout 60 --gdb 1234 "$@" >/tmp/debug.out 2>/tmp/debug.err </dev/null &
    gdb_guest=$!
    wait_for 20 grep -q 'target remote' /tmp/debug.err || return 1
    nc 127.0.0.1 1234 </tmp/gdb.in >$gdb_log &
    exec 5>/tmp/gdb.in
}
ask() { # packet: prints its answer
    before=$(answers)
    printf '$%s#%s' "$1" "$(checksum "$1")" >&5
    wait_for 20 more_answers || return 1
    tr -d '+' <$gdb_log | grep -o '\$[^#]*#..' | tail -n 1
}
more_answers() { [ "$(answers)" -gt "$before" ]; }
end_gdb() { # status
    exec 5>&-
    wait $gdb_guest
    status=$?
    [ $status -eq "$1" ] || { echo "exit status $status"; said; return 1; }
}

interrupted() {
    printf '$c#63' >&5
    wait_for 20 grep -q spinning /tmp/debug.out || return 1
    printf '\003' >&5
    wait_for 20 grep -q 'T02' $gdb_log
}
ended_by_quit() { [ $debug_status -eq 0 ]; }

ifconfig lo 127.0.0.1 up

plan 36
check "the module loads" load

monitor $guests/hello.bin 'step 2' 'break 7c0f' c next 'port e9' c regs delete \
    'watch 500' 'edit 7c28 a2 00 05 f4' c 'exits 3' quit
says '0000:7c02  31 c0' "steps" said
says 'breakpoint 1, 0x7c0f' "a breakpoint" said
says '  EAX=000000e9' "shows registers" said
says '0000:7c11  be 63 7c' "the next step" said
says 'out port e9h, 1 byte: 68' "a watched port" said
says 'watchpoint 2, 0x500' "a watchpoint" said
says '0000:7c2b  f4' "stops behind the instruction that wrote" said
is "the guest has printed" "$(grep -c 'hello from real mode' /tmp/debug.out)" 2
check "quit ends it" ended_by_quit
check "the CPU is back" wait_for 20 all_online

monitor $guests/hello.bin 'until 7c0b' step step 'until 7c14' next quit
says 'in port e9h, 1 byte: e9' "a step over IN shows the access" said
says 'eax=000000e9' "which is done then" said
says '0000:7c17' "a call is stepped over" said
is "and has printed" "$(cat /tmp/debug.out)" "hello from real mode, by port E9h"

monitor $guests/triple_fault.bin c regs
says 'the guest has ended: .*triple fault' "a triple fault" said
is "is the guest's failure" "$debug_status" 126
monitor $guests/exit42.bin c
is "a guest's status is the run's" "$debug_status" 42
monitor $guests/hello.bin step nonsense step
is "a bad command ends a script" "$debug_status" 125
check "the CPU is back" wait_for 20 all_online

# Of instructions that follow each other none is left out (64h steps).
dd if=/dev/zero bs=1000 count=1 2>/dev/null | tr '\0' '\220' >/tmp/nops.bin
printf '\364' >>/tmp/nops.bin
monitor /tmp/nops.bin 'step 64' quit
is "a hundred steps are a hundred" "$(grep -c '^  0000:7c.*  90  ' /tmp/debug.err)" 101

check "gdb's port" connect_gdb $guests/spin.bin
says 'PacketSize' "features" ask qSupported
says 'T05thread:1' "the guest has stopped" ask '?'
says '\$00000000' "registers" ask g
says '\$007c0000' "eip" ask p8
says 'T05thread:1' "a step" ask 'vCont;s:1'
says '\$017c0000' "moves it" ask p8
says '\$fa' "memory" ask m7c00,1
says 'OK' "a breakpoint" ask Z1,7c04,1
says 'T05hwbreak:;thread:1' "is hit" ask c
says 'OK' "and taken back" ask z1,7c04,1
check "Ctrl-C stops a guest that spins with interrupts off" interrupted
printf '$k#6b' >&5
check "kill ends it" end_gdb 0
check "the CPU is back" wait_for 20 all_online
check "the module unloads" unload
finish
