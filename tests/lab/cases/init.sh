# SPDX-License-Identifier: GPL-2.0-only
# init.sh consumed|pending: INITs that another CPU sends natively, to a CPU that runs a guest, to one
# that waits in root, and to one that runs Linux. "consumed": the exit uses an INIT up, as on hardware;
# "pending": it does not (Bochs 2.7), and each entry would exit again. Two CPUs.
. ./tap.sh
. ./visor.sh
kind=$1
init=/sys/kernel/debug/rmtest/init
send() { taskset -c 0 sh -c "echo $* >$init"; } # cpu [count]

start_spinner() {
    rmguest run --name spinner --timeout 60 $guests/spin.bin >/tmp/spinner.out 2>&1 </dev/null &
    spinner=$!
    wait_for 20 has_state 1 running
}
init_exits() { awk -v column="$1" '{ sub(/\|.*/, "") } $1 == 1 && $2 == 3 { n = $(NF - 2 + column) } END { print n + 0 }' $debugfs/stats; }
guest_has_exits() { [ "$(init_exits 2)" -ge "$1" ]; }
ends_with() { wait $spinner; status=$?; [ $status -eq "$1" ] || { echo "status $status"; cat /tmp/spinner.out; return 1; }; }
spinner_says() { cat /tmp/spinner.out; }
stray_inits() { state_line 1 | sed 's/.*stray_inits \([0-9]*\).*/\1/'; }
ignored() { [ "$(stray_inits)" -ge "$1" ]; }

[ "$kind" = consumed ] && plan 17 || plan 11
mark_log
check "the modules load" insmod /lab/rmtest.ko
check "rmvisor too" load

check "a guest runs" start_spinner
check "an INIT is sent to its CPU" send 1
check "it exits" wait_for 10 guest_has_exits 1
if [ "$kind" = consumed ]; then
    check "the guest goes on" runs_guest 1
    check "INITs one after the other do not stop it" send 1 20
    check "each is an exit" guest_has_exits 20
    check "it runs" runs_guest 1
    rmguest stop spinner >/dev/null
    check "until it is stopped" ends_with 143
else
    check "the guest ends, with a result of its own" ends_with 126
    says 'INIT signals of the machine' "that names the INIT" spinner_says
    check "after few exits" [ "$(init_exits 2)" -le 40 ]
fi
check "the CPU is back with Linux" wait_for 30 all_have_state linux
check "and works" use_cpuid 1

# Where an INIT is not used up, only VMXOFF ends it, and a CPU that loses its INIT to VMXOFF is lost to
# Linux, as natively.
if [ "$kind" = consumed ]; then
    mark_log
    check "an INIT is sent to a CPU that runs Linux" send 1
    check "it is counted" wait_for 10 ignored 1
    check "Linux works there" use_cpuid 1
    check "the log says so" wait_for 10 log_has 'CPU 1: [0-9]+ INITs from outside, ignored'
fi
check "the module unloads" unload
rmmod rmtest
finish
