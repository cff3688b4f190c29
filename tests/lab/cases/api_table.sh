# SPDX-License-Identifier: GPL-2.0-only
# The same questions to /dev/rmvisor and to /dev/kvm; the answers that may differ are named here.
. ./tap.sh
. ./visor.sh

# The rows that differ; docs/api.md says why.
known_differences='
reset: CS
xsave: FCW
xsave: reserved bits of MXCSR
sregs: CR8 of 16
sregs: reserved bit of EFER
sregs: an interrupt in the bitmap
events: flag 0x2
events: flag 0x8
guest debug: unknown bit
apic: LVT LINT0
mp state: 4 with an APIC
mp state: 9 with an APIC
apic: the same vCPU after its close
'

answers() { # device, file
    api_table "$1" >"$2" 2>&1 || { tail -n 3 "$2"; return 1; }
}

# "topic: question: KVM this, rmvisor that"
different() {
    awk -F': ' '{ question = $1 ": " $2; answer = substr($0, length(question) + 3) }
        NR == FNR { kvm[question] = answer; next }
        { seen[question] }
        kvm[question] != answer { print question ": KVM " kvm[question] ", rmvisor " answer }
        END { for (question in kvm)
            if (!(question in seen)) print question ": KVM " kvm[question] ", rmvisor nothing" }' \
        /tmp/kvm.out /tmp/rmvisor.out
}

is_known() { echo "$known_differences" | grep -qxF "$(echo "$1" | cut -d: -f 1,2)"; }

same() {
    found=$(different | while IFS= read -r line; do is_known "$line" || echo "$line"; done)
    [ -z "$found" ] || { echo "$found"; return 1; }
}

still_differ() {
    different | cut -d: -f 1,2 >/tmp/questions
    echo "$known_differences" | while IFS= read -r known; do
        [ -z "$known" ] || grep -qxF "$known" /tmp/questions || echo "no longer: $known"
    done | (! grep .)
}

no_question_twice() { cut -d: -f 1,2 /tmp/kvm.out | sort | uniq -d | (! grep .); }

plan 10
check "the module loads" load
check "every question is answered on /dev/rmvisor" answers /dev/rmvisor /tmp/rmvisor.out
check "all CPUs are back" all_online
check "the module unloads" unload
check "KVM loads" lab-insmod kvm_intel
check "every question is answered on /dev/kvm" answers /dev/kvm /tmp/kvm.out
check "there are many answers" [ "$(wc -l </tmp/kvm.out)" -gt 300 ]
check "to as many questions" no_question_twice
check "they are the same, but for the ones named here" same
check "and those differ" still_differ
rmmod kvm_intel
rmmod kvm
finish
