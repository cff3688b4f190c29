# SPDX-License-Identifier: GPL-2.0-only
# retbleed.sh TEXT: that the kernel patches return instructions in the way that the next cases of
# this boot are about (ERE).
. ./tap.sh

plan 1
says "$1" "the kernel has the wanted mitigation on" \
    cat /sys/devices/system/cpu/vulnerabilities/retbleed
finish
