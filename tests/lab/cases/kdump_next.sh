# SPDX-License-Identifier: GPL-2.0-only
# kdump_next.sh ONLINE: in the crash kernel, with these CPUs. CPU 0 still is the old visor's guest:
# that lives in memory of the kernel that died.
. ./tap.sh
. ./visor.sh

elf_magic() { [ "$(head -c 4 /proc/vmcore | hexdump -e '4/1 "%02x"')" = 7f454c46 ]; }
# A page from the end: beyond the headers, in the dead kernel's memory.
last_page() {
    size=$(stat -c %s /proc/vmcore)
    [ "$size" -gt 100000000 ] || { echo "$size bytes"; return 1; }
    [ "$(dd if=/proc/vmcore bs=4096 skip=$((size / 4096 - 1)) count=1 2>/dev/null | wc -c)" = 4096 ]
}
ask_every_cpu() { for cpu in $(cpu_numbers); do use_cpuid "$cpu" || return 1; done; }
refused() { ! load && ! is_loaded; }

plan 6
is "the CPUs that were wanted are online" "$(online)" "$1"
check "the dead kernel's memory is an ELF file" elf_magic
check "its memory can be read" last_page
check "programs run on every CPU" ask_every_cpu
mark_log
check "rmvisor refuses to load under another" refused
check "and says that VMX is taken" log_has 'rmvisor: CPU 0: VMXON failed'
finish
