# SPDX-License-Identifier: GPL-2.0-only
# The exits of a guest that is known to the last one, in the file and in debugfs.
. ./tap.sh
. ./visor.sh

# All at once: every program that starts takes CPUID exits, which push others out of the ring.
record() {
    run_guest --trace /tmp/exits.rmt $guests/exits.bin || return 1
    cat $debugfs/trace >/tmp/trace.txt
    rmguest trace --image $guests/exits.bin >/tmp/trace.shown
}

member() { # name, on stdin JSON objects with this string in them
    sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"
}

# "event | detail | instruction" of each exit in the file.
exits_of_file() {
    rmguest trace --json /tmp/exits.rmt | grep '"type":1,' >/tmp/exits.json
    while read -r line; do
        echo "$(echo "$line" | member event) | $(echo "$line" | member detail) |" \
            "$(echo "$line" | member instruction)"
    done </tmp/exits.json
}

exits_as_expected() {
    exits_of_file >/tmp/exits.got
    diff $guests/expected/exits.trace /tmp/exits.got
}

of_name() { rmguest trace --json --vm "$1" /tmp/exits.rmt; }
vm_number() { sed -n 's/^vm\([0-9]*\) exits$/\1/p' $debugfs/names; }
table() { rmguest trace /tmp/exits.rmt; }
text() { cat /tmp/trace.txt; }
shown() { cat /tmp/trace.shown; }

# Nothing is recorded while trace_on is 0.
records() { sed -n 's/.*trace_records //p' $debugfs/status | awk '{ sum += $1 } END { print sum }'; }
stays_off() {
    echo 0 >$debugfs/trace_on
    before=$(records)
    use_cpuid 0 >/dev/null
    [ "$(records)" = "$before" ] || { echo "$before records before, $(records) after"; return 1; }
    echo 1 >$debugfs/trace_on
    use_cpuid 0 >/dev/null
    [ "$(records)" -gt "$before" ] || { echo "still $before records"; return 1; }
}

time_goes_on() {
    text | grep -v '^#' | awk '$3 < last { print; bad = 1 } { last = $3 } END { exit bad }'
}

plan 18
check "the module loads" load
check "the guest runs with a trace" record
check "the file holds exactly its exits" exits_as_expected
says 'OUT|out' "the table shows instructions" table
says 'vm[0-9]+/vcpu0 +exits ' "and whose they are" table
says '^# rmvisor trace version 2' "debugfs has the trace as text" text
says '^ *[0-9]+ linux .* CPUID ' "with the exits of Linux" text
says '^ *[0-9]+ vm[0-9]+/0 .* I/O instruction' "and those of the guest" text
says '^ *1 linux .* PARK ' "with the CPU that was taken" text
says '^# vm[0-9]+ exits$' "and the guest's name" text
says '"name":"exits"' "by which rmguest trace chooses" of_name exits
is "one guest, by its number or its name" "$(of_name exits | wc -l)" "$(of_name "$(vm_number)" | wc -l)"
fails "and no other" 125 of_name nobody
check "in the order of time" time_goes_on
says 'vm[0-9]+/vcpu0 +exits +I/O instruction .*(out|in) ' "rmguest trace shows what the module holds" shown
check "trace_on turns it off and on" stays_off
fails "a file that is no trace is refused" 125 rmguest trace $guests/exits.bin
check "the module unloads" unload
finish
