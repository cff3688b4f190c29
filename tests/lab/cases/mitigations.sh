# SPDX-License-Identifier: GPL-2.0-only
# That this boot is what its other cases believe: KASLR and the mitigations of a stock kernel.
. ./tap.sh

link_address=ffffffff81000000

is_moved() { [ "$(awk '$3 == "_text" { print $1; exit }' /proc/kallsyms)" != $link_address ]; }
is_mitigated() { grep 'Mitigation:' /sys/devices/system/cpu/vulnerabilities/*; }

plan 2
check "the kernel is not where it was linked" is_moved
check "the kernel has mitigations on" is_mitigated
finish
