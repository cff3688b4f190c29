# SPDX-License-Identifier: GPL-2.0-only
# TAP for busybox sh; to be sourced. The plan comes first, finish comes last:
#
#   plan 3
#   check "what must be true" COMMAND...       passes if the command does
#   fails "what is refused" 125 COMMAND...     passes if the command exits with that status
#   says "TEXT" "what is said" COMMAND...      passes if the command's output has TEXT in it (ERE)
#   is "what is compared" "$got" "$wanted"
#   skip "what" "reason"
#   forward LABEL COMMAND...                   a command that prints TAP: its tests count here
#   finish
#
# A failure shows what the command printed, as lines that begin with #.

tap_count=0
tap_failed=0
tap_file=$(mktemp)
trap 'rm -f "$tap_file"' EXIT

plan() {
    echo "1..$1"
}

# Prints stdin as notes of the test before: the beginning and the end of it, since a serial line
# is slow.
notes() {
    awk '{ line[NR] = substr($0, 1, 160) }
        END { for (i = 1; i <= NR; i++) {
            if (i <= 15 || i > NR - 20) print "# " line[i]
            else if (i == 16) print "# ..." } }'
}

passed() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1"
}

failed() { # name, reason
    tap_count=$((tap_count + 1))
    tap_failed=$((tap_failed + 1))
    echo "not ok $tap_count - $1"
    echo "$2" | notes
}

skip() { # name, reason
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

# Not in a subshell: a command may set variables and start something.
run_command() {
    "$@" >"$tap_file" 2>&1
    tap_status=$?
    tap_out=$(cat "$tap_file")
    return $tap_status
}

check() { # name, command...
    tap_name=$1; shift
    run_command "$@"
    if [ $tap_status -eq 0 ]; then
        passed "$tap_name"
    else
        failed "$tap_name" "exit status $tap_status of: $*
$tap_out"
    fi
    return $tap_status
}

fails() { # name, status, command...
    tap_name=$1; tap_wanted=$2; shift 2
    run_command "$@"
    is "$tap_name" "exit status $tap_status" "exit status $tap_wanted" "$tap_out"
}

says() { # text, name, command...
    tap_text=$1; tap_name=$2; shift 2
    run_command "$@"
    if echo "$tap_out" | grep -q -E -e "$tap_text"; then
        passed "$tap_name"
    else
        failed "$tap_name" "'$tap_text' is not in what it says: $*
$tap_out"
    fi
}

is() { # name, got, wanted [, more to show]
    if [ "$2" = "$3" ]; then
        passed "$1"
    else
        failed "$1" "got '$2', wanted '$3'${4:+
$4}"
    fi
}

# One test here for each test of a command that prints TAP itself; its output stays in /tmp/forward.tap.
forward() { # label, command...
    tap_label=$1; shift
    "$@" >/tmp/forward.tap 2>&1
    tap_status=$?
    grep -E '^(not )?ok ' /tmp/forward.tap >/tmp/forward.results
    while read -r tap_line; do
        case $tap_line in
        'ok '*'# SKIP '*)
            tap_name=${tap_line%% # SKIP*}
            skip "$tap_label: ${tap_name#*- }" "${tap_line#*# SKIP }" ;;
        'ok '*) passed "$tap_label: ${tap_line#*- }" ;;
        'not ok '*)
            failed "$tap_label: ${tap_line#*- }" "$(awk -v line="$tap_line" \
                '$0 == line { on = 1; next } /^(not )?ok / { on = 0 } on { sub(/^# /, ""); print }' /tmp/forward.tap)" ;;
        esac
    done </tmp/forward.results
    [ -s /tmp/forward.results ] || failed "$tap_label: it runs" "$(cat /tmp/forward.tap)"
    return $tap_status
}

# Nothing that follows could work.
bail_out() {
    echo "Bail out! $1"
    exit 1
}

finish() {
    rm -f "$tap_file"
    [ $tap_count -gt 0 ] && [ $tap_failed -eq 0 ]
    exit
}
