# SPDX-License-Identifier: GPL-2.0-only
"""The benchmark's own arithmetic, its documents, and its refusal to run where it can't."""

import os
import subprocess
import sys
import tempfile
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))))
BENCH = os.path.join(TOP, 'tests', 'bench')
sys.path.insert(0, BENCH)

import bench  # noqa: E402  (the path comes first)
import document  # noqa: E402
import goals  # noqa: E402


def figures(median):
    """Of a measurement."""
    return {'samples': 2, 'min': median - 1, 'median': median, 'p99': median + 1, 'max': median + 2}


class Rounds(unittest.TestCase):
    def test_rounds_are_one_measurement(self):
        two = bench.together(figures(100), figures(110))
        self.assertEqual(two, {'samples': 4, 'min': 99, 'median': 105, 'p99': 111, 'max': 112,
                               'rounds': [100, 110]})
        self.assertEqual(bench.together(two, figures(900))['median'], 110)

    def test_other_lines_are_no_figures(self):
        found = {}
        take = bench.taker(found)
        take('insmod: something\n', None)
        take('{"what": "cpuid", "who": "kvm", "samples": 1, "min": 1, "median": 2, "p99": 3, '
             '"max": 4}', None)
        self.assertEqual(found, {'kvm': {'cpuid': {'samples': 1, 'min': 1, 'median': 2, 'p99': 3,
                                                   'max': 4}}})


class Goals(unittest.TestCase):
    def reached(self, goal, found):
        judge = next(judge for text, judge in goals.GOALS if text.startswith(goal))
        return judge(found)[1]

    def test_a_kick_of_a_quarter_is_enough(self):
        for ours, enough in ((25, True), (26, False)):
            found = {who: {'kick alone': figures(ticks), "signal to KVM_RUN's return": figures(1)}
                     for who, ticks in (('rmvisor', ours), ('kvm', 100))}
            self.assertEqual(self.reached('kick', found), enough)

    def test_one_slow_load_in_one_boot_is_too_much(self):
        for loaded, enough in ((1009, True), (1012, False)):
            found = {who: {'system call': figures(1000), 'compile': figures(1000)}
                     for who in ('native', 'rmvisor linux', 'native, again', '1 CPU: native',
                                 '1 CPU: rmvisor', '1 CPU: native, again')}
            found['1 CPU: rmvisor']['compile'] = figures(loaded)
            self.assertEqual(self.reached('Linux', found), enough)


class Documents(unittest.TestCase):
    def test_tables_are_those_of_the_figures(self):
        self.assertEqual(document.check(), 0)

    def test_a_block_is_made_anew(self):
        data = {'kernel': '6.1', 'machine': 'a', 'ticks': {}}
        text = document.filled('x\n<!-- machine -->\nold\n<!-- end -->\ny\n', data)
        self.assertIn('Kernel 6.1, machine `a`', text)
        self.assertNotIn('old', text)
        self.assertEqual(document.filled(text, data), text)


class Here(unittest.TestCase):
    def test_what_is_missing_is_said_and_nothing_is_run(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, os.path.join(BENCH, 'bench.py'), '--here',
                                   '--build', folder], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn('rmvisor.ko is not there: make bench-here builds it', done.stderr)
            self.assertEqual((done.stdout, os.listdir(folder)), ('', []))


if __name__ == '__main__':
    unittest.main()
