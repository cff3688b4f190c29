# SPDX-License-Identifier: GPL-2.0-only
"""The command line, and what it makes of bad input."""

import contextlib
import io
import math
import unittest

from rmlab import File, LabError, Spec, cli, parse_file


def parse(*words):
    return cli.spec_of(cli.parser().parse_args(words))


class CommandLineTest(unittest.TestCase):
    def test_defaults(self):
        spec = parse('run', '--script', 'x.sh')
        self.assertEqual((spec.machine, spec.cpus, spec.kernel, spec.timeout),
                         ('auto', 2, '6.1-cloud', 240))
        self.assertEqual(parse('shell').timeout, math.inf)

    def test_everything(self):
        spec = parse('run', '--script', 'x', '--machine', 'bochs', '--cpus', '4', '--file', 'a:/b',
                     '--file', 'c', '--binary', 'rmguest', '--kmod', 'kvm-intel', '--append',
                     'mitigations=auto', '--allow-dmesg', 'x.*y', '--timeout', '3')
        self.assertEqual(spec.files, [File('a', '/b', 0), File('c', '/lab/c', 0)])
        self.assertEqual(spec.modules, ['kvm-intel'])
        self.assertTrue(spec.kernel_arguments().endswith(' mitigations=auto'))
        self.assertEqual(spec.allow_dmesg, ['x.*y'])

    def test_run_needs_a_script(self):
        with contextlib.redirect_stderr(io.StringIO()) as stderr, \
                self.assertRaises(SystemExit) as end:
            parse('run')
        self.assertIn('--script', stderr.getvalue())
        self.assertEqual(end.exception.code, 127)

    def test_file(self):
        self.assertEqual(parse_file('build/a.bin'), File('build/a.bin', '/lab/a.bin', 0))
        self.assertEqual(parse_file('a:/etc/b:755'), File('a', '/etc/b', 0o755))
        for bad in ('', ':/b', 'a:/b:9z'):
            with self.subTest(bad), self.assertRaises(LabError):
                parse_file(bad)

    def test_numbers(self):
        for bad in (Spec(cpus=0), Spec(cpus=99), Spec(memory=1), Spec(timeout=0)):
            with self.subTest(bad), self.assertRaises(LabError):
                bad.validate()


if __name__ == '__main__':
    unittest.main()
