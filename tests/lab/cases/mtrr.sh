# SPDX-License-Identifier: GPL-2.0-only
# mtrr.sh: memory types follow what Linux writes into MTRRs while it is a guest.
. ./tap.sh
. ./visor.sh

set_range() { echo "base=0x80000000 size=0x1000000 type=write-combining" >/proc/mtrr; }
# The second entry: the first one is the firmware's.
clear_range() { echo "disable=1" >/proc/mtrr; }
followed() { [ "$(new_log | grep -c 'memory types follow')" -ge "$1" ]; }
has_range() { grep -q 'base=0x080000000.*write-combining' /proc/mtrr; }
has_no_range() { ! has_range; }

plan 9
mark_log
check "the module loads" load
check "Linux sets a range" set_range
check "the range is there" has_range
check "the map follows" wait_for 5 followed 1
check "Linux clears it" clear_range
check "the range is gone" has_no_range
check "the map follows again" wait_for 5 followed 2
check "every CPU is a guest still" all_have_state linux
check "the module unloads" unload
finish
