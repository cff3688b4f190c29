# SPDX-License-Identifier: GPL-2.0-only
# witness.sh [strict]: what programs see of every CPU before the module is loaded, while it is, and after it
# is gone. The witness prints it: CPUID, signals, single steps, breakpoints, MSRs and more.
# With several CPUs Bochs 3.0 never gets past an execute breakpoint, without rmvisor too (the CPU
# takes it again and again in spite of RFLAGS.RF): there they are tried with one CPU only.
. ./tap.sh
. ./visor.sh

strict=
[ "$1" != strict ] || strict=1
limits=
[ "$(grep -c ^processor /proc/cpuinfo)" = 1 ] || limits=no-execute-breakpoints

look() { # name of the state
    for cpu in $(cpu_numbers); do
        witness "$cpu" $limits >"/tmp/witness.$1.$cpu" 2>&1 || { tail "/tmp/witness.$1.$cpu"; return 1; }
    done
}

# Outside the bitmaps' ranges RDMSR exits always: the fault is root's, and handed on.
faults_everywhere() {
    for msr in 2000 12345678 bfffffff c0002000 ffffffff; do
        grep "^msr $msr Input/output" /tmp/witness.before.0 || return 1
    done
}

has_content() { # a witness who saw nothing would agree with everybody
    for pattern in '^cpuid 00000001' '^registers after cpuid 1: .* b500000000000005 .* f00000000000000f$' \
        '^ud2 signal 4' '^vmxon signal' '^vmcall signal' \
        '^write 3 traps, status 0' '^execute (3 traps, status 0|not tried)' '^step at \+7$' '^msr 802 Input/output' '^end$'; do
        grep -q -E "$pattern" /tmp/witness.before.0 || { echo "no line $pattern"; return 1; }
    done
}

all_the_same() { # name of the state
    for cpu in $(cpu_numbers); do
        diff "/tmp/witness.before.$cpu" "/tmp/witness.$1.$cpu" >/tmp/witness.diff || {
            echo "CPU $cpu"; grep '^[-+]' /tmp/witness.diff; return 1; }
    done
}

# As on a CPU outside VMX operation, from the user's side.
vmx_is_undefined() { # name of the state
    ! grep -E '^(vm(call|call_0|call_2|launch|resume|xoff|xon|ptrld|ptrst|clear|read|write|func)|inv(ept|vpid)) ' \
        "/tmp/witness.$1.0" | grep -v 'signal 4 code 2 vector 6'
}

plan $((13 + ${strict:-0}))
lab-insmod msr
mark_log
check "the witness sees every CPU without the module" look before
check "it sees what it should" has_content
[ -z "$strict" ] || check "MSRs that do not exist fault" faults_everywhere
check "it sees the same twice" sh -c "witness 0 $limits | diff /tmp/witness.before.0 -"
check "the module loads" load
check "the witness sees every CPU with the module" look while
check "every CPU is a guest, still" all_have_state linux
check "it is the same as without" all_the_same while
check "every VMX instruction is undefined" vmx_is_undefined while
check "the module unloads" unload
check "the witness sees every CPU afterwards" look after
check "it is the same as before" all_the_same after
check "every VMX instruction is undefined then" vmx_is_undefined after
check "the log is calm" log_is_calm
rmmod msr
finish
