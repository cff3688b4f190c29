# SPDX-License-Identifier: GPL-2.0-only
# For cases that end the machine; to be sourced after tap.sh. They have a boot of their own
# (ends_machine in cases.toml).

# Without the checksum of every byte, which takes an emulator a minute.
kexec_options="-c --no-checks --initrd=/lab/next/initrd --reuse-cmdline"

# end_case HOW: closes the case before what ends the machine, which the launcher judges: poweroff,
# or one of the words of lab-finish.
end_case() {
    rm -f "$tap_file"
    [ $tap_count -gt 0 ] && [ $tap_failed -eq 0 ]
    end_status=$?
    echo "LAB-CASE-END $LAB_CASE $end_status"
    lab-finish $end_status "$1"
}

# A guest that never ends, on CPU $1.
spin_on() {
    rmguest run --cpu "$1" --timeout 600 $guests/spin.bin >/tmp/spin.out 2>&1 &
    wait_for 20 has_state "$1" running && wait_for 20 grep -q spinning /tmp/spin.out
}
