# SPDX-License-Identifier: GPL-2.0-only
# cases.sh PATTERN BOCHS: cases of tests/guests on a dedicated CPU, and the same images under this kernel's own KVM:
# output, end and the exits on the way have to be the same. BOCHS: its version, if the machine is one.
. ./tap.sh
. ./visor.sh

# shellcheck disable=SC2086
images=$(ls $guests/cases/$1.bin)
bochs=
! dmesg | grep -q 'DMI:.*Bochs' || bochs="--bochs $2"
count=$(echo "$images" | wc -l)

run_cases() { # device
    # shellcheck disable=SC2086
    forward "$1" $guests/owner --device "/dev/$1" --results "/tmp/$1.exits" $bochs $images
}

# Of the cases that passed on both: output, end, and every exit in between.
same_exits() {
    for device in rmvisor kvm; do
        cut -d: -f1 /tmp/$device.exits | uniq >/tmp/$device.ran
    done
    grep -x -F -f /tmp/rmvisor.ran /tmp/kvm.ran >/tmp/both
    [ -s /tmp/both ] || { echo "no case passed on both"; return 1; }
    for device in rmvisor kvm; do
        awk -F: 'NR == FNR { both[$1]; next } $1 in both' /tmp/both /tmp/$device.exits \
            >/tmp/$device.compared
    done
    diff /tmp/rmvisor.compared /tmp/kvm.compared
}

plan $((2 * count + 7))
mark_log
check "the module loads" load
run_cases rmvisor
check "all CPUs are back with Linux" all_online
check "as guests" all_have_state linux
check "the module unloads" unload
check "the log is calm" log_is_calm

check "KVM loads" lab-insmod kvm_intel
run_cases kvm
check "the cases make the same exits on both" same_exits
rmmod kvm_intel
rmmod kvm
finish
