#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the test guests and prints TAP; needs nothing but a POSIX shell (busybox has one).
#
#   run.sh [--rmguest PROGRAM] [--device PATH] [--cpu N] [GUEST...]
#
# A test is a file expected/NAME.status with the exit status. Beside it, where needed:
#   NAME.out    what the guest prints, byte for byte (nothing, where the file is not there)
#   NAME.args   more arguments of rmguest run, on one line
#   NAME.image  the image, where it is not NAME.bin or NAME.elf
#   NAME.hardware  why it needs a CPU that runs real mode itself; skipped, with this reason, where
#                  KVM emulates real mode in software. Never skipped on /dev/rmvisor.
# Exit status: 0 if all passed, 1 if one failed or there was none.

here=$(cd "$(dirname "$0")" && pwd)
rmguest=rmguest
device=/dev/rmvisor
common='--timeout 60'

usage() {
    echo "usage: $0 [--rmguest PROGRAM] [--device PATH] [--cpu N] [GUEST...]" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    --rmguest) [ $# -ge 2 ] || usage; rmguest=$2; shift 2 ;;
    --device) [ $# -ge 2 ] || usage; device=$2; shift 2 ;;
    --cpu) [ $# -ge 2 ] || usage; common="$common --cpu $2"; shift 2 ;;
    --help|-h|-*) usage ;;
    *) break ;;
    esac
done

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

image_of() {
    if [ -f "$here/expected/$1.image" ]; then
        echo "$here/$(cat "$here/expected/$1.image")"
    elif [ -f "$here/$1.elf" ]; then
        echo "$here/$1.elf"
    else
        echo "$here/$1.bin"
    fi
}

# Runs test $1; leaves stdout and stderr in $scratch and what is wrong, if anything, in $why.
run_test() {
    why=
    args=$common
    wanted=$(cat "$here/expected/$1.status") || { why="there is no test $1"; return; }
    [ ! -f "$here/expected/$1.args" ] || args="$args $(cat "$here/expected/$1.args")"
    : >"$scratch/wanted"
    [ ! -f "$here/expected/$1.out" ] || cp "$here/expected/$1.out" "$scratch/wanted"
    # shellcheck disable=SC2086
    "$rmguest" run --device "$device" $args "$(image_of "$1")" \
        >"$scratch/out" 2>"$scratch/err" </dev/null
    status=$?
    if [ "$status" != "$wanted" ]; then
        why="exit status $status, expected $wanted"
    elif ! cmp -s "$scratch/out" "$scratch/wanted"; then
        why="the output differs"
    fi
}

# KVM without VMX or SVM below it emulates real mode, and gives up on instructions that its emulator
# does not know. A guest that needs one tells.
is_emulated() {
    [ "$device" != /dev/rmvisor ] || return 1
    "$rmguest" run --device "$device" --timeout 60 "$here/bcd.bin" >/dev/null 2>&1 </dev/null
    [ $? -eq 126 ]
}

explain_failure() {
    echo "# $why"
    sed 's/^/# stdout: /' "$scratch/out"
    sed 's/^/# stderr: /' "$scratch/err"
}

if [ $# -eq 0 ]; then
    for file in "$here"/expected/*.status; do
        name=${file##*/}
        set -- "$@" "${name%.status}"
    done
fi

emulated=
! is_emulated || emulated=yes

echo "1..$#"
number=0
failed=0
for name in "$@"; do
    number=$((number + 1))
    : >"$scratch/out"
    : >"$scratch/err"
    if [ "$emulated" ] && [ -f "$here/expected/$name.hardware" ]; then
        echo "ok $number - guest $name # SKIP $device emulates real mode: $(cat "$here/expected/$name.hardware")"
        continue
    fi
    run_test "$name"
    if [ -z "$why" ]; then
        echo "ok $number - guest $name"
    else
        echo "not ok $number - guest $name"
        explain_failure
        failed=$((failed + 1))
    fi
done
[ "$number" -gt 0 ] && [ "$failed" -eq 0 ]
