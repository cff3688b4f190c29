# SPDX-License-Identifier: GPL-2.0-only
# endure.sh ROUNDS SEED [IMAGE]: CPUs are taken and given back with random guests, signals and deaths of the
# owner; every time the CPU is Linux's again, and what programs hold in their registers stays. IMAGE is
# left out.
. ./tap.sh
. ./visor.sh
rounds=$1
seed=$2
[ -z "$3" ] || rm "$guests/cases/$3.bin"

plan 11
mark_log
check "the module for MSRs loads" lab-insmod msr
check "the module loads" load
# shellcheck disable=SC2086
forward endure $guests/endure "$rounds" "$seed" $guests/cases/*.bin
grep '^#' /tmp/forward.tap
check "all CPUs are online" all_online
check "as guests" all_have_state linux
check "the module unloads" unload
check "the log is calm" log_is_calm
rmmod msr
finish
