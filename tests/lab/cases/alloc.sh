# SPDX-License-Identifier: GPL-2.0-only
# alloc.sh STEP counted|kmemleak [PAGES]: each allocation fails in turn: of a load (every STEP-th one), of the calls that make a
# guest, and of new trace rings. The caller gets ENOMEM or notices nothing, nothing stays, and the
# next try works. "counted": fewer than four objects and PAGES pages (8) more than before; "kmemleak": the kernel
# (--kernel kasan-6.1) finds nothing of the module's that nobody points to.
. ./tap.sh
. ./visor.sh
. ./memory.sh
step=$1
measure=$2
pages=${3:-8}
leaks=/sys/kernel/debug/kmemleak
half=$((step / 2 + 1))

# Areas that were given back are freed for good, and their addresses used again, when a module is loaded.
purge_areas() { rmmod rmtest && insmod /lab/rmtest.ko; }
# The first walk fills caches and grows what grows once, the second is measured.
walk() { alloc_client "$@" >/tmp/walk || { cat /tmp/walk; return 1; }; }
remember() {
    case $measure in
    counted) purge_areas && remember_memory ;;
    kmemleak) echo clear >$leaks ;;
    esac
}
# An object counts as lost in the second scan, and only when it is some seconds old.
no_leak() {
    echo scan >$leaks && sleep 6 && echo scan >$leaks && cat $leaks >/tmp/leaks
    echo "$(grep -c 'unreferenced object' /tmp/leaks) objects, $(grep -c '\[rmvisor\]' /tmp/leaks) lines of the module"
    ! grep -B 12 '\[rmvisor\]' /tmp/leaks
}
nothing_stays() {
    case $measure in
    counted) purge_areas && memory_grew_less 4 "$pages" ;;
    kmemleak) no_leak ;;
    esac
}
can_measure() {
    case $measure in
    counted) exact_caches ;;
    kmemleak) [ -e $leaks ] ;;
    esac
}
# What the kernel keeps for itself, page tables of areas above all, stops growing; what is lost does not.
leaves_nothing() { # walk
    for round in 1 2 3; do
        { remember && walk "$@"; } || return 1
        nothing_stays && return
    done
    return 1
}

# But for the kernel's own warning of a file of /proc/irq that it could not make either.
calm() {
    warned=$(new_log | grep -c 'WARNING: .* remove_proc_entry')
    is_quiet='WARNING|BUG|Oops|unable to handle'
    ! new_log | grep -v 'WARNING: .* remove_proc_entry' | grep -E "$is_quiet" &&
        [ "$(new_log | grep -c 'Call Trace')" -eq "$warned" ]
}

plan 13
check "the kernel tells what stays" can_measure
check "rmtest loads" insmod /lab/rmtest.ko
mark_log
check "allocations of a load fail" walk load $module 1 37
check "every ${step}th, and nothing of them stays in memory" leaves_nothing load $module "$half" "$step"
grep '^#' /tmp/walk
echo "# $tap_out"
check "the module loads" load
check "every allocation of guests and rings fails" walk use
check "again, and nothing of them stays in memory" leaves_nothing use
grep '^#' /tmp/walk
echo "# $tap_out"
check "a guest runs" run_guest $guests/hello.bin
check "its CPU is back" wait_for 20 all_have_state linux
check "the module unloads" unload
check "nothing of it stays" is_gone
check "the kernel is calm" calm
check "rmtest unloads" rmmod rmtest
finish
