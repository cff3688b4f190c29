# SPDX-License-Identifier: GPL-2.0-only
"""What a kernel and an emulator write when something went wrong."""

import re

# Also given to busybox grep in the guest, so: POSIX extended syntax only.
KERNEL_COMPLAINT = ('WARNING:|BUG:|Oops|general protection|missing return thunk|INFO: rcu|'
                    'rcu_.*detected.*stalls|soft lockup|hard LOCKUP|hung task|blocked for more|'
                    'Call Trace|Kernel panic')

# What a report of a WARN or an oops ends with; the call trace before it belongs to it.
TRACE_START = 'Call Trace'
TRACE_END = '---[ end trace'

# Stock kernels complain about these machines by themselves.
KNOWN_COMPLAINTS = (
    # 6.12 in Bochs with one CPU, whose CPUID promises cores that are not there.
    r'arch/x86/kernel/cpu/topology_common\.c:\d+ parse_legacy',
)

# printk.time puts a stamp before each kernel line; a script's own words are not judged.
KERNEL_LINE = re.compile(r'\[ *\d+\.\d{6}\] ?(.*)')
PANIC_LINE = re.compile(r'Kernel panic - not syncing')
PANIC_END = re.compile(r'---\[ end Kernel panic')

# Bochs marks its panics (a triple fault among them) with the level "p" after the tick count.
EMULATOR_COMPLAINT = re.compile(
    r'VMENTER FAIL|VMFAIL|VMABORT|PANIC|Guest State Checks|^\d{11,}p\[')
# The panic by which Bochs ends when the guest switched the machine off.
EMULATOR_SILENT = re.compile(r'>>PANIC<< ACPI control: soft power off')
# Linux's last means of a reboot is a triple fault, and Bochs is told to end at one.
EMULATOR_RESET = r'3rd \(\d+\) exception with no resolution'
