# SPDX-License-Identifier: GPL-2.0-only
# trace_count.sh EXITS PIPE_EXITS: so many exits of each CPU at once, one of them a guest's, while
# they are read in several ways: every single one is seen in its place, whole, or known to be lost.
. ./tap.sh
. ./visor.sh
exits=$1
pipe_exits=$2
last=$(cpu_numbers | tail -n 1)

number() { # of 32 bits, as bytes
    printf "$(printf '\\%03o' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24)))"
}
guest_with() { # exits
    { head -c -4 $guests/numbered.bin; number "$1"; } >/tmp/numbered.bin
}
read_all() { # raw or pipe, exits
    guest_with "$2"
    trace_reader exact "$1" $debugfs "$2" "$last" "$2" \
        rmguest run --cpu "$last" --timeout 3000 /tmp/numbered.bin
}
# The first rings are small, so that readers come late.
raw() { read_all raw "$exits"; }
pipe() { read_all pipe "$pipe_exits"; }
stopping_pipe() {
    echo 0 >$debugfs/overwrite
    read_all pipe "$pipe_exits"
    status=$?
    echo 1 >$debugfs/overwrite
    return $status
}

plan 8
check "the module loads" load trace_buffer_kb=64
check "all CPUs' exits, by trace_raw and a mapping, beside one who tries to write to it" raw
echo "$tap_out" | sed 's/^/# /'
check "and by trace_pipe" pipe
echo "$tap_out" | sed 's/^/# /'
check "and where full rings stop" stopping_pipe
echo "$tap_out" | sed 's/^/# /'
check "with big rings" sh -c "echo 1024 >$debugfs/buffer_size_kb"
check "once more by trace_raw and a mapping" raw
echo "$tap_out" | sed 's/^/# /'
check "all CPUs are online" wait_for 20 all_online
check "the module unloads" unload
finish
