# SPDX-License-Identifier: GPL-2.0-only
# kdump.sh ARGUMENTS [guest]: Linux panics on CPU 0 while the module is loaded, and on demand while a
# guest runs on CPU 1. The crash kernel, with ARGUMENTS on its command line, runs kdump_next.sh.
. ./tap.sh
. ./visor.sh
. ./ending.sh

crash_loaded() { [ "$(cat /sys/kernel/kexec_crash_loaded)" = 1 ]; }

plan 5
check "the module loads" load
check "the crash kernel is put into memory" \
    kexec $kexec_options -p /lab/next/kernel --append="$1"
check "Linux has it" crash_loaded
if [ "$2" = guest ]; then
    check "a guest runs on CPU 1" spin_on 1
else
    check "every CPU is a guest" all_have_state linux
fi
check "CPU 0 is a guest" has_state 0 linux
end_case next
exec taskset 1 sh -c 'echo c >/proc/sysrq-trigger'
