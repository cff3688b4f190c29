# SPDX-License-Identifier: GPL-2.0-only
# What `make run` shows, inside the lab. A step that fails ends it with that step's exit status.
. ./visor.sh
. ./demo_steps.sh

hello=$guests/hello.bin

step "1. The machine before"
explain "Linux $(uname -r) runs on the bare (emulated) CPUs."
cpus

step "2. Slide a hypervisor under the running kernel"
mark_log
perform insmod $module
say_log 'rmvisor: [0-9]+ CPUs'
explain "Each CPU now runs this same Linux as a guest of rmvisor (state linux):"
sed -n 's/ launch_ticks.*//p' $debugfs/status | sed 's/^/     /'

step "3. Run 16-bit real-mode code on a CPU of its own"
explain "rmguest takes the last CPU from Linux, runs the guest on it, and gives it back."
mark_log
perform rmguest run --stats --timeout 60 --trace /tmp/hello.rmt $hello
explain "The kernel's log of the CPU that was taken, and of its way back:"
say_log 'smpboot: CPU .* offline'
say_log 'smpboot: Booting'
cpus

step "4. Every VM exit that the guest took"
explain "Each access to a port made the guest exit; TICKS is what the answer took."
rmguest trace /tmp/hello.rmt >/tmp/hello.trace || stop "rmguest trace" $?
# Without the entries and the stops around each exit, what an emulated CPU's clock makes look like SMIs
# (docs/smi-and-init.md), the guest's name, and wide columns' blanks.
grep -v -E 'guest (entered|stopped)| SMI ' /tmp/hello.trace | cut -c 1-28,42-57,69-98,110-119,129-144,158-167 \
    >/tmp/hello.table
lines=$(wc -l </tmp/hello.table)
head -n 12 /tmp/hello.table
[ "$lines" -le 17 ] || echo "     ... $((lines - 17)) more ..."
tail -n 5 /tmp/hello.table

step "5. What Linux itself paid"
explain "VM exits by CPU and reason, of Linux and of the guest:"
perform cat $debugfs/stats

step "6. Take the hypervisor away again"
mark_log
perform rmmod rmvisor
say_log 'rmvisor: unloaded'
all_online || stop "giving all CPUs back" 1
is_gone || stop "unloading" 1
cpus
echo
