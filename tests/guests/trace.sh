#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the guest `exits` on /dev/rmvisor and compares its trace, exit by exit, with what its source
# says. Prints TAP.
#
#   trace.sh [--rmguest PROGRAM]

here=$(cd "$(dirname "$0")" && pwd)
rmguest=rmguest
if [ "$1" = --rmguest ] && [ $# -eq 2 ]; then
    rmguest=$2
elif [ $# -ne 0 ]; then
    echo "usage: $0 [--rmguest PROGRAM]" >&2
    exit 2
fi

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Exits for interrupts or the timer come when they come; those of the guest's own doing count.
members='.*"event":"\([^"]*\)","detail":"\([^"]*\)".*"address":"\([^"]*\)".*"instruction":"\([^"]*\)".*'
of_instructions() {
    grep -e '"event":"I/O instruction"' -e '"event":"HLT"' | sed -n "s#$members#\1 | \2 | \3 | \4#p"
}

check() {
    "$rmguest" run --timeout 60 --trace "$scratch/trace" "$here/exits.bin" >"$scratch/log" 2>&1 &&
        "$rmguest" trace --json "$scratch/trace" >"$scratch/json" 2>>"$scratch/log" &&
        of_instructions <"$scratch/json" >"$scratch/seen" &&
        cmp -s "$scratch/seen" "$here/expected/exits.trace"
}

echo 1..1
if check; then
    echo "ok 1 - the trace of guest exits"
    exit 0
fi
echo "not ok 1 - the trace of guest exits"
sed 's/^/# /' "$scratch/log"
echo "# expected:"
sed 's/^/#   /' "$here/expected/exits.trace"
echo "# seen:"
[ ! -f "$scratch/seen" ] || sed 's/^/#   /' "$scratch/seen"
exit 1
