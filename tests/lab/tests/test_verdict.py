# SPDX-License-Identifier: GPL-2.0-only
"""Every way in which a run can end, and what it is judged to be."""

import unittest

from rmlab.console import Console
from rmlab.spec import Spec
from rmlab.verdict import Kind, judge

NONCE = '0123456789ab'
POWER_OFF = '00528824635p[ACPI  ] >>PANIC<< ACPI control: soft power off'
TRIPLE_FAULT = '00546110281p[CPU0  ] >>PANIC<< exception(): 3rd (13) exception with no resolution'
BEGIN = f'LAB-BEGIN {NONCE} r'
END = f'LAB-END {NONCE}'


def verdict_of(*lines, log=(POWER_OFF,), stopped='', **options):
    console = Console(NONCE)
    for line in lines:
        feed = console.feed_kernel if line.startswith('[') else console.feed
        feed(f'{line}\n'.encode())
    console.close()
    return judge(console, list(log), stopped, Spec(**options))


def ended(status, *lines):
    return BEGIN, *lines, f'LAB-EXIT {NONCE} {status}', END


class VerdictTest(unittest.TestCase):
    def expect(self, verdict, kind, status):
        self.assertIs(verdict.kind, kind)
        self.assertEqual(verdict.status, status)

    def test_the_scripts_own_status(self):
        self.expect(verdict_of(*ended(0)), Kind.script, 0)
        self.expect(verdict_of(*ended(7)), Kind.script, 7)
        self.assertEqual(verdict_of(*ended(0)).reasons, [])

    def test_a_status_that_would_look_like_ours_is_capped(self):
        self.expect(verdict_of(*ended(125)), Kind.script, 123)

    def test_silence_is_failure(self):
        self.expect(verdict_of(), Kind.emulator, 126)
        self.expect(verdict_of(BEGIN, 'PASS'), Kind.emulator, 126)

    def test_exit_without_end_is_failure(self):
        self.expect(verdict_of(BEGIN, f'LAB-EXIT {NONCE} 0'), Kind.emulator, 126)

    def test_hang(self):
        self.expect(verdict_of(BEGIN, stopped='still running'), Kind.hang, 124)
        self.expect(verdict_of(*ended(0), stopped='did not switch off'), Kind.hang, 124)

    def test_kernel_complaints(self):
        for text in ('WARNING: CPU: 1 PID: 7 at kernel/smp.c:1', 'BUG: unable to handle page',
                     'Oops: 0002 [#1] SMP', 'general protection fault: 0000',
                     'Unpatched return thunk in use / missing return thunk: x', 'INFO: rcu stall',
                     'watchdog: soft lockup', 'Call Trace:', 'Kernel panic - not syncing: x'):
            with self.subTest(text):
                self.expect(verdict_of(*ended(0, f'[   12.345678] {text}')), Kind.kernel, 125)

    def test_a_complaint_that_only_dmesg_shows(self):
        lines = (BEGIN, f'LAB-EXIT {NONCE} 0', f'LAB-DMESG {NONCE}', '[    1.000000] BUG: x', END)
        self.expect(verdict_of(*lines), Kind.kernel, 125)

    def test_a_script_may_say_what_it_likes(self):
        self.expect(verdict_of(*ended(0, 'WARNING: BUG: Oops')), Kind.script, 0)

    def test_a_kernel_line_in_the_middle_of_a_script_line(self):
        lines = ended(0, 'not o[    3.000000] WARNING: CPU: 0')
        self.expect(verdict_of(*lines), Kind.kernel, 125)

    def test_allow_dmesg(self):
        lines = ended(0, '[    1.000000] WARNING: CPU: 0 at expected.c')
        self.expect(verdict_of(*lines, allow_dmesg=['at expected']), Kind.script, 0)
        self.expect(verdict_of(*lines, allow_dmesg=['at another']), Kind.kernel, 125)

    def test_an_allowed_report_takes_its_call_trace_along_and_no_other(self):
        stamp = '[    1.000000] '
        report = [stamp + 'WARNING: CPU: 0 PID: 0 at a.c:1 f+0x1', stamp + 'Call Trace:',
                  stamp + '---[ end trace 0000000000000000 ]---']
        allow = {'allow_dmesg': ['at a.c']}
        self.expect(verdict_of(*ended(0, *report), **allow), Kind.script, 0)
        self.expect(verdict_of(*ended(0, *report, stamp + 'Call Trace:'), **allow),
                    Kind.kernel, 125)

    def test_emulator_complaints(self):
        for text in ('00012345678e[CPU0  ] VMENTER FAIL: VMCS host state invalid CR0',
                     '00012345678e[CPU0  ] VMFAIL: VMX instruction error 7',
                     '00012345678e[CPU0  ] VMABORT: error code 4', TRIPLE_FAULT):
            with self.subTest(text):
                self.expect(verdict_of(*ended(0), log=[text]), Kind.emulator, 126)

    def test_allow_emulator(self):
        log = ['00012345678e[CPU0  ] VMFAIL: 7']
        self.expect(verdict_of(*ended(0), log=log, allow_emulator=['VMFAIL: 7']), Kind.script, 0)

    def test_a_triple_fault_is_a_reboot_only_when_one_was_wanted(self):
        lines = (BEGIN, f'LAB-EXIT {NONCE} 4', f'LAB-REBOOT {NONCE}', END)
        self.expect(verdict_of(*lines, log=[TRIPLE_FAULT]), Kind.script, 4)
        self.expect(verdict_of(*ended(4), log=[TRIPLE_FAULT]), Kind.emulator, 126)

    def test_a_reboot_has_to_come_up_again(self):
        lines = (*ended(0), f'LAB-REBOOT {NONCE}')
        self.expect(verdict_of(*lines), Kind.emulator, 126)
        self.expect(verdict_of(*lines, BEGIN), Kind.script, 0)

    def test_a_reset_has_to_do_without_a_triple_fault(self):
        lines = (*ended(0), f'LAB-RESET {NONCE}')
        self.expect(verdict_of(*lines, BEGIN), Kind.script, 0)
        self.expect(verdict_of(*lines), Kind.emulator, 126)
        self.expect(verdict_of(*lines, log=[TRIPLE_FAULT]), Kind.emulator, 126)

    def test_the_next_kernel_has_a_script_of_its_own(self):
        first = (*ended(0), f'LAB-NEXT {NONCE}')
        self.expect(verdict_of(*first), Kind.emulator, 126)
        self.expect(verdict_of(*first, BEGIN), Kind.emulator, 126)
        self.expect(verdict_of(*first, *ended(0)), Kind.script, 0)
        self.expect(verdict_of(*first, *ended(3)), Kind.script, 3)
        self.expect(verdict_of(*ended(4), f'LAB-NEXT {NONCE}', *ended(0)), Kind.script, 4)

    def test_the_panic_that_starts_a_crash_kernel_is_allowed_like_any_complaint(self):
        panic = '[    1.000000] Kernel panic - not syncing: sysrq triggered crash'
        lines = (*ended(0), panic, f'LAB-NEXT {NONCE}', *ended(0))
        self.expect(verdict_of(*lines), Kind.kernel, 125)
        allow = {'allow_dmesg': ['sysrq triggered']}
        self.expect(verdict_of(*lines, **allow), Kind.script, 0)
        self.expect(verdict_of(*lines, panic, **allow), Kind.kernel, 125)

    def test_the_weightiest_reason_comes_first(self):
        verdict = verdict_of(BEGIN, '[    1.000000] BUG: x', log=[TRIPLE_FAULT], stopped='late')
        self.expect(verdict, Kind.kernel, 125)
        self.assertEqual(len(verdict.reasons), 3)


if __name__ == '__main__':
    unittest.main()
