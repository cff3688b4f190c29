# SPDX-License-Identifier: GPL-2.0-only
# load.sh CYCLES: Linux becomes a guest and stops being one, and can't tell the difference.
. ./tap.sh
. ./visor.sh
cycles=$1

# What programs and administrators can see of a CPU. MSRs: FEATURE_CONTROL, SYSENTER_EIP, DEBUGCTL,
# PAT, EFER, LSTAR.
msrs='0x3a 0x176 0x1d9 0x277 0xc0000080 0xc0000082'

read_msr() { # cpu, number
    dd if="/dev/cpu/$1/msr" bs=8 count=1 iflag=skip_bytes skip=$(($2)) 2>/dev/null | od -A n -t x8
}

visible_state() {
    grep -v -E 'cpu MHz|bogomips' /proc/cpuinfo
    cat /proc/mtrr
    for cpu in $(cpu_numbers); do
        for msr in $msrs; do
            echo "cpu $cpu msr $msr $(read_msr "$cpu" "$msr")"
        done
    done
}

same_state() {
    visible_state >/tmp/state.now
    diff /tmp/state.before /tmp/state.now
}

msrs_can_be_read() { # else the comparison would prove little
    [ -n "$(read_msr 0 0x277)" ] && grep -q flags /tmp/state.before
}

work() {
    for cpu in $(cpu_numbers); do
        taskset -c "$cpu" sh -c 'dd if=/dev/zero bs=64k count=32 2>/dev/null | md5sum' &
    done
    wait
    sleep 1
}

use_all() { for cpu in $(cpu_numbers); do use_cpuid "$cpu" || return 1; done; }

cpuid_exits_everywhere() { # 10 is CPUID (SDM: VMX Basic Exit Reasons)
    for cpu in $(cpu_numbers); do
        awk -v cpu="$cpu" '$1 == cpu && $2 == 10 && $4 > 0 { found = 1 } END { exit !found }' \
            $debugfs/stats || { echo "CPU $cpu took no CPUID exit"; cat $debugfs/stats; return 1; }
    done
}

# 10 CPUID, 18 VMCALL (our own way out), 55 XSETBV. 31 and 32, RDMSR and WRMSR: an MSR that no
# bitmap covers exits always. The preemption timer (52) ends the one entry before a leave.
only_forced_exits() {
    ! awk '$1 ~ /^[0-9]+$/ && $2 !~ /^(10|18|31|32|52|55)$/' $debugfs/stats | grep .
}

cycle() {
    for count in $(seq "$cycles"); do
        load || { echo "cycle $count"; return 1; }
        [ $((count % 2)) -eq 0 ] || use_all >/dev/null || return 1
        unload || { echo "cycle $count"; return 1; }
    done
}

loads_in_log() { [ "$(new_log | grep -c 'CPUs run as guests')" -eq $((cycles + 1)) ]; }

plan 15
mark_log
lab-insmod msr
visible_state >/tmp/state.before
check "the state to compare can be read" msrs_can_be_read
check "the module loads" load
check "every CPU runs Linux as a guest" all_have_state linux
check "the log says so" log_has "rmvisor: $(grep -c ^processor /proc/cpuinfo) CPUs run as guests"
check "programs run on every CPU" use_all
check "every CPU takes the exits of a guest" cpuid_exits_everywhere
check "work on every CPU" work
check "there are no exits but those that the architecture forces" only_forced_exits
check "programs see the same CPUs while it is loaded" same_state
check "the module unloads" unload
check "nothing of it stays" is_gone
check "programs see the same CPUs afterwards" same_state
check "it loads and unloads $cycles more times" cycle
check "each load is in the log" loads_in_log
check "and nothing else" log_is_calm
rmmod msr
finish
