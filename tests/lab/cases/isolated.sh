# SPDX-License-Identifier: GPL-2.0-only
# Two CPUs, the second one isolated: nobody gets it who does not name it, and no guest runs where
# Linux has one CPU only.
. ./tap.sh
. ./visor.sh

plan 9
mark_log
is "CPU 1 is isolated" "$(cat /sys/devices/system/cpu/isolated)" 1
check "the module loads" load
says 'isolated one .* only if --cpu names it' "it is not taken by chance, and the error says so" \
    run_guest $guests/hello.bin
check "both CPUs are Linux's" all_have_state linux
check "by its number it is taken" run_guest --cpu 1 $guests/hello.bin
check "and comes back" wait_for 20 all_have_state linux
set_online 1 0
says 'no CPU can be taken' "the last CPU stays Linux's" run_guest $guests/hello.bin
set_online 1 1
check "the module unloads" unload
check "the log is calm" log_is_calm
finish
