# SPDX-License-Identifier: GPL-2.0-only
"""Marker lines and kernel lines in the console's stream."""

import unittest

from rmlab.console import Console, Phase

NONCE = '0123456789ab'
BOOT = '[    0.219183] [Firmware Bug]: TSC_DEADLINE disabled\r\n'


def console_of(*parts, kernel=''):
    """A console that got these texts, the kernel's first, and its (text, phase) calls."""
    calls = []
    console = Console(NONCE, lambda text, phase: calls.append((text, phase)))
    console.feed_kernel(kernel.encode())
    for part in parts:
        console.feed(part.encode())
    console.close()
    return console, calls


class ConsoleTest(unittest.TestCase):
    def test_whole_run(self):
        console, calls = console_of(
            f'LAB-BEGIN {NONCE} 6.1.0-56-cloud-amd64\r\nhello\r\n\r\nworld\r\n',
            f'\r\nLAB-EXIT {NONCE} 7\r\nLAB-END {NONCE}\r\n', kernel=BOOT)
        self.assertIs(console.phase, Phase.ended)
        self.assertEqual(console.status, 7)
        self.assertEqual(console.release, '6.1.0-56-cloud-amd64')
        self.assertEqual(console.script_lines, ['hello', '', 'world'])
        self.assertEqual([text for text, phase in calls if phase is Phase.running],
                         ['hello', '', 'world'])

    def test_bytes_one_at_a_time(self):
        text = f'LAB-BEGIN {NONCE} r\nä\n\nLAB-EXIT {NONCE} 0\nLAB-END {NONCE}\n'
        console = Console(NONCE)
        for byte in text.encode():
            console.feed(bytes([byte]))
        console.close()
        self.assertEqual(console.script_lines, ['ä'])
        self.assertIs(console.phase, Phase.ended)

    def test_script_without_newline_at_its_end(self):
        console, _ = console_of(f'LAB-BEGIN {NONCE} r\nno newline\nLAB-EXIT {NONCE} 0\n')
        self.assertEqual(console.script_lines, ['no newline'])

    def test_marker_of_another_run_is_text(self):
        console, _ = console_of(f'LAB-BEGIN {NONCE} r\nLAB-EXIT ba9876543210 0\n')
        self.assertIs(console.phase, Phase.running)
        self.assertIsNone(console.status)
        self.assertEqual(console.script_lines, ['LAB-EXIT ba9876543210 0'])

    def test_exit_before_begin_is_not_believed(self):
        console, _ = console_of(f'LAB-EXIT {NONCE} 0\nLAB-END {NONCE}\n')
        self.assertIs(console.phase, Phase.booting)
        self.assertIsNone(console.status)

    def test_exit_needs_a_number(self):
        console, _ = console_of(f'LAB-BEGIN {NONCE} r\nLAB-EXIT {NONCE} x\n')
        self.assertIsNone(console.status)

    def test_cut_off_in_mid_line(self):
        console, calls = console_of(f'LAB-BEGIN {NONCE} r\nhalf a li')
        self.assertIs(console.phase, Phase.running)
        self.assertEqual(calls[-1], ('half a li', Phase.running))

    def test_kernel_line_and_panic(self):
        console, _ = console_of(kernel=BOOT)
        self.assertEqual(console.last_kernel_line, '[Firmware Bug]: TSC_DEADLINE disabled')
        self.assertFalse(console.panicked)
        console, _ = console_of(kernel='[    3.416195] Kernel panic - not syncing: sysrq\n')
        self.assertTrue(console.panicked)

    def test_a_script_that_talks_of_panic_is_no_panic(self):
        console, _ = console_of(f'LAB-BEGIN {NONCE} r\n[    1.000000] Kernel panic - not syncing\n')
        self.assertFalse(console.panicked)

    def test_the_kernel_does_not_break_into_a_line_of_the_script(self):
        console = Console(NONCE)
        console.feed(f'LAB-BEGIN {NONCE} r\nok 1 - a te'.encode())
        console.feed_kernel(b'[    1.000000] rmvisor: loading out-of-tree module\n')
        console.feed(b'st\n')
        self.assertEqual(console.script_lines, ['ok 1 - a test'])
        self.assertEqual(console.lines[1:], [
            '[    1.000000] rmvisor: loading out-of-tree module', 'ok 1 - a test'])

    def test_second_boot(self):
        console, _ = console_of(f'LAB-BEGIN {NONCE} r\nx\n', f'LAB-BEGIN {NONCE} r\n')
        self.assertTrue(console.booted_again)
        self.assertFalse(console.reboot_wanted)


if __name__ == '__main__':
    unittest.main()
