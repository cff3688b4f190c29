# SPDX-License-Identifier: GPL-2.0-only
# Another kernel is started from the running one, while the module is loaded and a guest runs on CPU
# 1. kexec_next.sh goes on in the other one.
. ./tap.sh
. ./visor.sh
. ./ending.sh

plan 4
check "the module loads" load
check "the next kernel is put into memory" \
    kexec $kexec_options -l /lab/next/kernel
check "a guest runs on CPU 1" spin_on 1
check "CPU 0 is a guest" has_state 0 linux
end_case next
kexec -e
