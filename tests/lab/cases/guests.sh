# SPDX-License-Identifier: GPL-2.0-only
# Every test guest on a dedicated CPU, and the same binaries under this kernel's own KVM.
. ./tap.sh
. ./visor.sh

count=$(ls $guests/expected/*.status | wc -l)

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

plan $((2 * count + 7))
mark_log
check "the module loads" load
forward rmvisor /tmp/rmvisor.results --device /dev/rmvisor
check "all CPUs are back with Linux" all_online
check "as guests" all_have_state linux
check "the module unloads" unload
check "the log is calm" log_is_calm

check "KVM loads" lab-insmod kvm_intel
forward kvm /tmp/kvm.results --device /dev/kvm
check "rmvisor and KVM give the same results" diff /tmp/rmvisor.results /tmp/kvm.results
rmmod kvm_intel
rmmod kvm
finish
