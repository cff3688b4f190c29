# SPDX-License-Identifier: GPL-2.0-only
# The trace by its files in debugfs: what is kept, who reads it, and what happens around readers.
. ./tap.sh
. ./visor.sh

raw() { echo $debugfs/per_cpu/cpu$1/trace_raw; }
records() { grep -v '^#' $debugfs/trace; }
clear_trace() { : >$debugfs/trace; }
filter() { echo "$1" >$debugfs/filter && clear_trace; }
shown_filter() { cat $debugfs/filter; }

# Linux executes CPUID on both CPUs, and a guest writes to ports, while a filter is on.
everything() {
    use_cpuid 0 >/dev/null
    use_cpuid 1 >/dev/null
    run_guest $guests/hello.bin >/dev/null
}
kept_is() { # expression, awk condition that every record meets
    filter "$1" && everything || return 1
    records >/tmp/kept
    echo 0 >$debugfs/filter
    [ -s /tmp/kept ] || { echo "nothing was kept"; return 1; }
    ! awk "!($2)" /tmp/kept | grep . || return 1
}
refused() {
    echo "$1" >$debugfs/filter 2>/tmp/refused && return 1
    grep 'Invalid argument' /tmp/refused
}
long_filter() { for step in $(seq 64); do printf 'cpu == 1 || '; done; echo 'cpu == 1'; }
still_traces() { clear_trace; use_cpuid 0 >/dev/null; records | grep -q CPUID; }

# Everything that happens to CPU 1 from launch to launch, by the types of its records. No SMIs: where nothing
# counts them a gap is one, and a CPU that waits in Bochs 3.0 has a gap when another clears a page at once.
life_of_cpu_1() {
    filter 'cpu == 1 && type != exit && type != nmi && type != smi'
    run_guest $guests/hello.bin >/dev/null || return 1
    records | awk '{ print $4 }' | uniq | tr '\n' ' ' >/tmp/life
    echo 0 >$debugfs/filter
    cat /tmp/life
    grep -q -E '^TAKE PARK (RUN STOP )+GIVE-BACK LEAVE LAUNCH $' /tmp/life
}

# Two readers of trace_pipe: what comes is split between them, and nothing comes twice.
pipes_share() {
    filter 'reason == cpuid'
    cat $debugfs/trace_pipe >/tmp/pipe.1 & one=$!
    cat $debugfs/trace_pipe >/tmp/pipe.2 & two=$!
    use_cpuid 0 >/dev/null
    use_cpuid 1 >/dev/null
    sleep 0.5
    kill $one $two
    wait $one $two
    echo 0 >$debugfs/filter
    cat /tmp/pipe.1 /tmp/pipe.2 >/tmp/pipe
    grep -q CPUID /tmp/pipe || { echo "nothing came"; return 1; }
    ! sort /tmp/pipe | uniq -d | grep .
}
pipe_blocks() {
    filter 'cpu == 99'
    cat $debugfs/trace_pipe >/tmp/pipe & reader=$!
    sleep 0.3
    kill -0 $reader || return 1
    kill $reader
    wait $reader
    [ $? -eq 143 ]
    ended=$?
    echo 0 >$debugfs/filter
    [ $ended -eq 0 ] && ! [ -s /tmp/pipe ]
}

count_of() { sed -n "s/^cpu$1:.* trace_records \([0-9]*\).*/\1/p" $debugfs/status; }
stops_when_full() {
    echo 0 >$debugfs/overwrite
    clear_trace
    while_left=100
    before=$(count_of 0)
    until [ "$(count_of 0)" = "$before" ] && [ $while_left -lt 95 ]; do
        before=$(count_of 0)
        use_cpuid 0 >/dev/null
        while_left=$((while_left - 1))
        [ $while_left -gt 0 ] || { echo "it is never full"; return 1; }
    done
    clear_trace
    use_cpuid 0 >/dev/null
    echo 1 >$debugfs/overwrite
    records | grep -E '^ *0 .* LOST [0-9]+ records'
}

size_is() { [ "$(cat $debugfs/buffer_size_kb)" = "$1" ]; }
resize() { echo "$1" >$debugfs/buffer_size_kb && size_is "$2" && still_traces; }
wrong_size() { ! echo "$1" >$debugfs/buffer_size_kb; }
resize_under_a_guest() {
    rmguest run --name spinner $guests/spin.bin >/tmp/spinner 2>&1 </dev/null & spinner=$!
    wait_for 20 has_state 1 running || return 1
    resize 512 512 && resize 64 64
    status=$?
    runs_guest 1 && [ "$(cat $debugfs/trace_on)" = 1 ] || status=1
    kill -TERM $spinner
    wait $spinner
    [ $? -eq 143 ] && [ $status -eq 0 ] && wait_for 20 all_online
}

# Files stay open while CPUs come and go; the module stays as long as they do.
readers_stay() {
    cat $debugfs/trace_pipe >/dev/null & reader=$!
    exec 7<"$(raw 1)" 8<$debugfs/trace
    set_online 1 0 && set_online 1 1 && run_guest $guests/hello.bin >/dev/null || return 1
    cat <&7 >/dev/null && cat <&8 >/dev/null || return 1
    unload 2>/tmp/unload && return 1
    grep -i -E 'in use|unavailable' /tmp/unload || return 1
    kill $reader
    wait $reader
    exec 7<&- 8<&-
    still_traces
}

# A mapping, a read, and trace_pipe, of a CPU that is offline, and of one that a guest has.
readers_are_killed() {
    trace_reader count 60 "$(raw 0)" "$(raw 1)" & counter=$!
    cat $debugfs/trace_pipe >/dev/null & reader=$!
    sleep 0.3
    set_online 1 0 && kill -0 $counter $reader || return 1
    set_online 1 1 && run_guest $guests/hello.bin >/dev/null && kill -0 $counter $reader || return 1
    set_online 1 0
    kill -KILL $counter $reader
    wait $counter $reader
    users=$(awk '$1 == "rmvisor" { print $3 }' /proc/modules)
    set_online 1 1
    [ "$users" = 0 ] && still_traces || { echo "$users users of the module"; return 1; }
}

only_roots() {
    find $debugfs -type f \( -perm -1 -o -perm -2 -o -perm -4 -o -perm -010 -o -perm -020 -o -perm -040 -o ! -user 0 \) |
        grep . && return 1
    [ "$(find $debugfs -type f | wc -l)" -gt 12 ]
}

counts_start_anew() {
    use_cpuid 0 >/dev/null
    echo 0 >$debugfs/stats
    grep -E '^ *1 +30 ' $debugfs/stats && return 1
    run_guest $guests/hello.bin >/dev/null
    grep -E '^ *1 +30 I/O instruction .*guest mean [0-9]+ <[0-9]+:' $debugfs/stats
}
quick_answers_are_counted() {
    echo 0 >$debugfs/stats
    for round in 1 2 3 4 5; do trace_reader quick "$(raw 1)" 1 40 || return 1; done
    awk '$1 == 1 && $2 == 10 && $4 >= 200 { enough = 1 } END { exit !enough }' $debugfs/stats
}
raw_stats() { [ "$(wc -c <$debugfs/per_cpu/cpu1/stats_raw)" = $((16 + 160 * 144)) ]; }
without_latency() {
    echo 0 >$debugfs/stats_on
    echo 0 >$debugfs/stats
    use_cpuid 0 >/dev/null
    grep -E '^ *0 +10 CPUID' $debugfs/stats >/tmp/stats
    echo 1 >$debugfs/stats_on
    [ -s /tmp/stats ] && ! grep mean /tmp/stats
}
owner_is_shown() {
    rmguest run $guests/spin.bin >/dev/null 2>&1 </dev/null & spinner=$!
    wait_for 20 has_state 1 running
    state_line 1 | grep " owner vm[0-9]*/0 (spin) pid $spinner "
    found=$?
    kill -TERM $spinner
    wait $spinner
    wait_for 20 all_online && [ $found -eq 0 ]
}
no_more_than_is_written() {
    trace_reader count 4 "$(raw 0)" "$(raw 1)" & counter=$!
    sleep 1
    for round in 1 2 3; do use_cpuid 0; use_cpuid 1; done >/dev/null
    wait $counter
}

# RDMSR of 1Bh and 10h; a write to B800:0.
msr_reader() { printf '\146\271\033\0\0\0\017\062\146\271\020\0\0\0\017\062\364'; }
screen_writer() { printf '\270\0\270\216\300\046\242\0\0\364'; }
kept_of() { # expression, awk condition that every record meets, command...
    filter "$1" || return 1
    kept_condition=$2; shift 2
    "$@" >/dev/null || return 1
    records >/tmp/kept
    echo 0 >$debugfs/filter
    [ -s /tmp/kept ] || { echo "nothing was kept"; return 1; }
    ! awk "!($kept_condition)" /tmp/kept | grep .
}
read_msrs() { run_guest /tmp/msr.bin; }
write_screen() { run_guest --mmio 0xb8000:4096 /tmp/screen.bin 2>/dev/null; }
pipe_asked() {
    filter 'reason == cpuid'
    trace_reader pipe $debugfs
    status=$?
    echo 0 >$debugfs/filter
    return $status
}
msr_reader >/tmp/msr.bin
screen_writer >/tmp/screen.bin

plan 39
check "the module loads" load trace_buffer_kb=16
check "its files are root's alone" only_roots
check "a filter by reason and CPU" kept_is 'reason == cpuid && cpu == 0' '$1 == 0 && /CPUID/'
check "by port" kept_is 'port == 0xe9' '/vm[0-9]+\/0 .*I\/O instruction .* e9[0-9a-f]{4} /'
check "by a range of ports" kept_is 'port == 0x3f8..0x3ff' '/ 3f[89a-f][0-9a-f]{4} /'
check "by guest and type" kept_is 'vm != 0 && type == stop' '/ STOP .* why=/'
check "by address" kept_is 'vm != 0 && address == 0x7c00..0x7dff' '/ vm[0-9]+\//'
check "by MSR" kept_of 'msr == 0x10' '/ RDMSR .* cx=0x10 /' read_msrs
check "by guest-physical address" kept_of 'physical == 0xb8000..0xb8fff' '/EPT violation .* physical=0xb8000 /' \
    write_screen
check "by linear address" kept_of 'linear >= 0xb8000 && vm != 0' '/EPT violation .* linear=0xb8000/' write_screen
is "the last one is gone" "$(shown_filter)" none
check "a bad filter is refused" refused 'reason == cpuid && port = 3'
says '^ +\^ character 25: one of == ' "with the place" shown_filter
check "as is a long one" refused "$(long_filter)"
check "and everything is kept" still_traces
check "the records of the quick answer are whole" trace_reader quick "$(raw 1)" 1 40
check "and each is counted" quick_answers_are_counted
check "take, run, and give back leave their records" life_of_cpu_1
check "readers of trace_pipe share what comes" pipes_share
check "a reader of trace_pipe waits, and can be ended" pipe_blocks
check "it can be polled, be asked without waiting, and read in pieces" pipe_asked
check "a full ring stops, and tells what it lost" stops_when_full
check "bigger rings" resize 256 256
check "sizes are rounded up" resize 3 4
check "none is wrong" wrong_size 0
check "as is one that is too big" wrong_size 5000
check "new rings while a guest runs" resize_under_a_guest
check "a mapped ring is read, and can't be written" trace_reader map "$(raw 0)"
check "a mapping learns of new rings" trace_reader retired "$(raw 0)" $debugfs/buffer_size_kb 128
check "records and losses are all there was" no_more_than_is_written
check "readers stay while CPUs come and go" readers_stay
check "readers that are killed, of a CPU that is offline, leave nothing behind" readers_are_killed
check "statistics start anew, with latencies" counts_start_anew
check "raw statistics are whole" raw_stats
check "counts go on without latencies" without_latency
check "whose a CPU is" owner_is_shown
check "all CPUs are online" all_online
check "the module unloads" unload
check "and is gone" is_gone
finish
