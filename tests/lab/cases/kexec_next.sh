# SPDX-License-Identifier: GPL-2.0-only
# In the kernel that kexec.sh has started: a machine as good as new.
. ./tap.sh
. ./visor.sh

plan 5
is "both CPUs are online" "$(online)" 0-1
check "the module loads" load
check "every CPU is a guest" all_have_state linux
check "a guest runs on CPU 1" run_guest --cpu 1 $guests/hello.bin
check "the module unloads" unload
finish
