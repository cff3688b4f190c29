# SPDX-License-Identifier: GPL-2.0-only
# The KUnit suites of rmvisor_kunit.ko: every case of every suite counts here, by KUnit's own plan.
. ./tap.sh

# A suite's KTAP is indented once and ends with the suite's own result. debugfs has the first 512 bytes
# of it alone, so it comes from the log.
ktap_of() { # suite
    dmesg | sed 's/^\[ *[0-9.]*\] //' | awk -v suite="$1" '
        $0 == "    # Subtest: " suite { on = 1 }
        on && match($0, "^(not )?ok [0-9]+ (- )?" suite "$") { exit }
        on { sub(/^    /, ""); print }'
}
planned() { ktap_of "$1" | sed -n 's/^1\.\.\([0-9]*\)$/\1/p'; }
ended() { ktap_of "$1" | grep -c -E '^(not )?ok '; }

suite() { # name, cases
    forward "$1" ktap_of "$1"
    is "$1: its plan is known" "$(planned "$1")" "$2"
    is "$1: its plan is kept" "$(ended "$1")" "$2"
}

plan 29
check "the suites load" insmod /lab/rmvisor_kunit.ko
suite rmvisor_ports 4
suite rmvisor_ring 5
suite rmvisor_memslot 6
suite rmvisor_guest_walk 4
echo "# $(ktap_of rmvisor_ring | grep -o "[0-9]* read, [0-9]* overwritten")"
check "they unload" rmmod rmvisor_kunit
finish
