# SPDX-License-Identifier: GPL-2.0-only
# restart.sh COMMAND EXPECTED: the machine goes down while the module is loaded and a guest runs on
# CPU 1. COMMAND: "reboot" and "poweroff" tell Linux's drivers and us first; "sysrq" tells nobody, so
# Linux resets the machine as a guest of the visor. EXPECTED is a word for end_case. Two CPUs.
. ./tap.sh
. ./visor.sh
. ./ending.sh

plan 3
check "the module loads" load
check "a guest runs on CPU 1" spin_on 1
check "CPU 0 is a guest" has_state 0 linux
end_case "$2"
case $1 in
sysrq) echo b >/proc/sysrq-trigger ;;
*) "$1" -f ;;
esac
sleep 60
