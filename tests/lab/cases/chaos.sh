# SPDX-License-Identifier: GPL-2.0-only
# chaos.sh ROUNDS SEED: random ioctls on /dev/rmvisor, guests of random bytes and of random
# instructions. A round that goes wrong is named by its seed: "chaos /dev/rmvisor 1 SEED" plays it.
. ./tap.sh
. ./visor.sh
rounds=$1
seed=$2

hello() { run_guest $guests/hello.bin | grep -q 'hello from real mode'; }

plan 9
mark_log
check "the module loads" load
forward chaos $guests/chaos /dev/rmvisor "$rounds" "$seed"
grep '^#' /tmp/forward.tap
check "all CPUs come back" wait_for 20 all_online
check "as guests" wait_for 10 all_have_state linux
check "a guest runs as ever" hello
check "the module unloads" unload
# A random vCPU that no CPU can enter is its owner's fault, and told.
check "the log is calm but for that" log_is_calm 'entry of vm[0-9/]* failed'
finish
