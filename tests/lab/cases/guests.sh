# SPDX-License-Identifier: GPL-2.0-only
# Every test guest on a dedicated CPU, and the same binaries under this kernel's own KVM.
. ./tap.sh
. ./visor.sh

names=$(ls $guests/expected/*.status | sed 's|.*/||; s|\.status||')
count=$(echo "$names" | wc -l)
kvm_names=$names
# After an entry with IF=0, Bochs does not exit for interrupts: under KVM, which needs them to stop a
# guest, spin keeps its CPU until an NMI comes. The visor stops it by an NMI, on any machine.
if dmesg | grep -q 'DMI:.*Bochs'; then
    kvm_names=$(echo "$names" | grep -v -x spin)
fi

# Runs them all; one test here for each one there. Results without notes stay in $2.
forward() { # label, file, arguments of run.sh
    label=$1; file=$2; shift 2
    sh $guests/run.sh "$@" >/tmp/run.tap
    grep -E '^(not )?ok ' /tmp/run.tap >"$file"
    why=''
    while read -r line; do
        case $line in
        'ok '*'# SKIP '*) skip "$label: ${line%% # SKIP*}" "${line#*# SKIP }" ;;
        'ok '*) passed "$label: ${line#*- }" ;;
        'not ok '*)
            why=$(sed -n "/^$line\$/,/^\(not \)\?ok /p" /tmp/run.tap | grep '^#' | sed 's/^# //')
            failed "$label: ${line#*- }" "$why" ;;
        esac
    done <"$file"
}

# But for the numbers, and for what KVM did not run.
same_results() {
    for results in rmvisor kvm; do
        sed 's/ok [0-9]* -/ok/' /tmp/$results.results | grep -v 'guest spin$' >/tmp/$results.plain
    done
    diff /tmp/rmvisor.plain /tmp/kvm.plain
}

plan $((2 * count + 7))
mark_log
check "the module loads" load
forward rmvisor /tmp/rmvisor.results --device /dev/rmvisor
check "all CPUs are back with Linux" all_online
check "as guests" all_have_state linux
check "the module unloads" unload
check "the log is calm" log_is_calm

check "KVM loads" lab-insmod kvm_intel
# shellcheck disable=SC2086
forward kvm /tmp/kvm.results --device /dev/kvm $kvm_names
[ "$kvm_names" = "$names" ] || skip "kvm: guest spin" "Bochs gives KVM no means to stop it"
check "rmvisor and KVM give the same results" same_results
rmmod kvm_intel
rmmod kvm
finish
