# SPDX-License-Identifier: GPL-2.0-only
# What can't work says why, with its exit status, and changes nothing. Four CPUs.
. ./tap.sh
. ./visor.sh
cd /tmp || exit 1

: >empty.bin
head -c 64 $guests/elf_sections.elf >short.elf
cp /usr/bin/rmguest other.elf
mkdir folder

# Parks and stops of all CPUs, and which ones are online: what a run would change.
traces_of_a_run() {
    online
    sed 's/ launch_ticks.* stops \([0-9]*\).*/ stops \1/' $debugfs/status
}

# refused TEXT NAME ARGUMENTS...: exit status 125, TEXT among the first words, and no CPU was moved.
refused() {
    text=$1; name=$2; shift 2
    before=$(traces_of_a_run)
    out=$(run_guest "$@" 2>&1)
    status=$?
    if [ $status -ne 125 ]; then
        failed "$name" "exit status $status, wanted 125
$out"
    elif ! echo "$out" | grep -q -i -E -e "$text"; then
        failed "$name" "'$text' is not in what it says
$out"
    elif [ "$(traces_of_a_run)" != "$before" ]; then
        failed "$name" "it changed something:
$before
$(traces_of_a_run)"
    else
        passed "$name"
    fi
}

no_module() { rmguest run $guests/hello.bin; }
bad_parameter() { load trace_buffer_kb=3; }

plan 29
mark_log
fails "without the module: exit status" 125 no_module
says 'rmvisor: No such file' "without the module: what is missing" no_module
says 'insmod rmvisor' "without the module: what to do" no_module
says 'Invalid' "a parameter that makes no sense is refused" bad_parameter
check "the log says which" log_has 'trace_buffer_kb=3 is not a power of two'
check "nothing of the module stays" is_gone
check "the module loads" load

refused 'nothere.*No such file' "no such image" nothere.bin
refused 'directory' "a directory as image" folder
refused 'empty' "an empty image" empty.bin
refused 'ELF|elf' "a truncated ELF image" short.elf
refused 'ELF|elf|machine|64' "an ELF image for another machine" other.elf
refused 'memory' "a load address outside the guest's memory" --load 0x300000 $guests/hello.bin
refused 'entry|memory' "an entry outside the guest's memory" --memory 64K --entry ffff:0000 \
    $guests/hello.bin
refused 'no range of ports' "ports that there are not" --ports 0xffff:2 $guests/hello.bin
refused "'serial' has some" "ports that Linux has" --ports 0x3f8:8 $guests/hello.bin
refused "'serial' has some" "the same, in a wrong name" --ports 0x3f8:8:keyboard $guests/hello.bin
refused 'nosuch' "no such symbol" --entry nosuch $guests/elf_sections.elf
refused 'memory' "memory that is no whole pages" --memory 100 $guests/hello.bin
refused 'timeout' "a timeout below zero" --timeout=-1 $guests/hello.bin
refused 'frobnicate' "an option that is not there" --frobnicate $guests/hello.bin
refused 'CPU 0|boot CPU' "the boot CPU" --cpu 0 $guests/hello.bin
refused 'CPU 99|Invalid' "a CPU that is not there" --cpu 99 $guests/hello.bin
set_online 3 0
refused 'No such device|offline' "a CPU that is offline" --cpu 3 $guests/hello.bin
set_online 3 1

rmguest run --cpu 1 --timeout 600 $guests/spin.bin >spin.out 2>&1 &
pid=$!
wait_for 20 has_state 1 running
refused 'busy' "a CPU that another guest has" --cpu 1 $guests/hello.bin
check "the other guest still runs" runs_guest 1
kill $pid
wait $pid

check "all CPUs are as they were" all_online
check "a guest runs after all this" run_guest --cpu 1 $guests/hello.bin
check "the module unloads" unload
finish
