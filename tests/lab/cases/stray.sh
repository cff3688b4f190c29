# SPDX-License-Identifier: GPL-2.0-only
# stray.sh: the kernel can read the visor's memory, and not write it.
. ./tap.sh
. ./visor.sh
module=/lab/rmvisor-fault.ko
stray=/sys/kernel/debug/rmtest/stray

# A page of Linux's own that nobody uses while CPUs are up: the test itself can see a write.
low_page=0x1000
direct_map=$((0x088000000000)) # where /proc/kcore has physical 0, less its headers; no KASLR

try() { echo "$1" >$stray; } # physical address
phys_of() { sed -n "s/^$1 //p" $debugfs/pages; } # kind
refused() { # kind
    try "$(phys_of "$1")" 2>&1 | grep -q 'not permitted'
}
stray_writes() { sed -n 's/.* stray_writes \([0-9]*\).*/\1/p' $debugfs/status | awk '{ n += $1 } END { print n }'; }
vmcs_reads_as_zero() { try "$(phys_of vmcs)" 2>/dev/null; [ "$(cat $stray)" = 0 ]; }

read_all_memory() {
    megabytes=$(awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
    dd if=/proc/kcore of=/dev/null bs=1M iflag=skip_bytes skip=$direct_map count="$megabytes" 2>&1
}

plan 21
mark_log
check "rmtest loads" insmod /lab/rmtest.ko
check "the module loads" load
kinds=$(cut -d ' ' -f 1 $debugfs/pages)
is "kinds of pages" "$(echo "$kinds" | wc -w)" 10
check "an ordinary page can be written" try $low_page
is "and is no stray write" "$(stray_writes)" 0
for kind in $kinds; do
    check "no write to a page of $kind" refused "$kind"
done
is "each is counted" "$(stray_writes)" 10
check "the log says so" wait_for 10 log_has "rmvisor: CPU [0-9]+: [0-9]+ stray writes to the visor's memory"
check "a page of VMCS reads as zero" vmcs_reads_as_zero
check "all of memory can be read" read_all_memory
check "every CPU is a guest" all_have_state linux
check "the module unloads" unload
rmmod rmtest
finish
