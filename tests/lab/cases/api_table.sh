# SPDX-License-Identifier: GPL-2.0-only
# The same questions to /dev/rmvisor and to /dev/kvm; the answers that may differ are named here.
. ./tap.sh
. ./visor.sh

# The rows that differ; docs/api.md says why.
known_differences='
reset: CS
xsave: FCW
xsave: reserved bits of MXCSR
'

answers() { # device, file
    api_table "$1" >"$2" 2>&1 || { tail -n 3 "$2"; return 1; }
}

# Lines that differ: "-" is KVM's, "+" is rmvisor's.
different() {
    diff -U 0 /tmp/kvm.out /tmp/rmvisor.out | sed -e '/^--- /d' -e '/^+++ /d' | grep '^[-+]'
}

# "topic: question: answer": the first two.
question_of() { # a line of different()
    echo "${1#?}" | cut -d: -f 1,2
}

same() {
    found=$(different | while IFS= read -r line; do
        echo "$known_differences" | grep -qxF "$(question_of "$line")" || echo "$line"
    done)
    [ -z "$found" ] || { echo "- KVM, + rmvisor"; echo "$found"; return 1; }
}

still_differ() {
    questions=$(different | while IFS= read -r line; do question_of "$line"; done)
    for known in $(echo "$known_differences" | sed 's/ /~/g'); do
        known=$(echo "$known" | sed 's/~/ /g')
        echo "$questions" | grep -qxF "$known" || { echo "no longer: $known"; return 1; }
    done
}

plan 9
check "the module loads" load
check "every question is answered on /dev/rmvisor" answers /dev/rmvisor /tmp/rmvisor.out
check "all CPUs are back" all_online
check "the module unloads" unload
check "KVM loads" lab-insmod kvm_intel
check "every question is answered on /dev/kvm" answers /dev/kvm /tmp/kvm.out
check "there are many answers" [ "$(wc -l </tmp/kvm.out)" -gt 150 ]
check "they are the same, but for the ones named here" same
check "and those differ" still_differ
rmmod kvm_intel
rmmod kvm
finish
