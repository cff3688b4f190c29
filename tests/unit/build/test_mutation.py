# SPDX-License-Identifier: GPL-2.0-only
"""scripts/mutation: which changes of a line are tried, and which lines are left alone."""

import os
import sys
import tempfile
import tomllib
import unittest

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..', '..'))
sys.path.insert(0, os.path.join(TOP, 'scripts'))

from mutation import entry  # noqa: E402  (the path comes first)
from mutation.operators import mutants_of  # noqa: E402
from mutation.runner import CONCERNED, SUITES, concerned, includers, suites_of  # noqa: E402


def after(line):
    return [mutant.after for mutant in mutants_of('a.cpp', line + '\n')]


class Operators(unittest.TestCase):
    def test_each_operator_and_constant_is_changed(self):
        self.assertEqual(after('    x = a + 0x10;'), ['    x = a - 0x10;', '    x = a + 0x11;'])
        self.assertEqual(after('    return a && b;'), ['    return a || b;'])
        self.assertEqual(after('    return a <= b;'), ['    return a < b;'])
        self.assertEqual(after('    x &= ~y;'), ['    x |= ~y;', '    x &= y;'])
        self.assertEqual(after('    on = true;'), ['    on = false;'])

    def test_conditions_are_negated(self):
        self.assertEqual(after('    if (a.b) return c;'), ['    if (!(a.b)) return c;'])
        self.assertEqual(after('    if (!a) return c;'), ['    if (a) return c;'])

    def test_calls_are_left_out(self):
        self.assertEqual(after('    forget(cpu);'), ['    ;'])
        self.assertEqual(after('    return forget(cpu);'), [])

    def test_what_is_no_operator(self):
        for line in ('    Cpu& cpu = *self;', '    std::array<u8, size> all;', '// a + b',
                     '#if a == b', '    static_assert(a == b);', '    log("a + b", x);'):
            self.assertEqual([one for one in after(line) if one.strip() != ';'], [], line)

    def test_comments_and_characters_of_c_are_left_alone(self):
        for line in (' * a + b, of 2', '\t/* a + 1', "\tcase '\\0':", "\tcase '1':"):
            self.assertEqual(after(line), [], line)
        self.assertEqual(after('\tx = a + b; /* c - 1 */'), ['\tx = a - b; /* c - 1 */'])

    def test_assembly_is_left_alone(self):
        self.assertEqual(after('    asm volatile("mov %0, %1" : "=r"(a) : "r"(b + 1));'), [])


class Assembly(unittest.TestCase):
    def test_each_row_changes_one_line_that_is_there(self):
        rows = entry.load()
        self.assertEqual(len({row['name'] for row in rows}), len(rows))
        for row in rows:
            with open(os.path.join(TOP, 'kmod', 'vmx', row['file']), encoding='utf-8') as file:
                text = file.read()
            changed = [one for one in zip(text.splitlines(), entry.mutated(text, row).splitlines(),
                                          strict=True) if one[0] != one[1]]
            self.assertEqual([before.strip() for before, _ in changed], [row['line']], row['name'])

    def test_a_line_below_another_one_is_meant(self):
        row = {'line': 'nop', 'below': 'there:', 'becomes': 'hlt'}
        self.assertEqual(entry.mutated('\tnop\nthere:\n\tnop\n', row), '\tnop\nthere:\n\thlt\n')

    def test_each_row_has_a_case_of_the_lab(self):
        with open(os.path.join(TOP, 'tests', 'lab', 'cases', 'cases.toml'), 'rb') as file:
            cases = tomllib.load(file)
        self.assertEqual([row['case'] for row in entry.load() if row['case'] not in cases], [])


class Headers(unittest.TestCase):
    def test_the_sources_that_include_one(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, 'visor', 'vmx'))
            for name, headers in (('a', 'x86/b.hpp ../../kmod/abi.h'), ('c', 'x86/b.hpp')):
                with open(os.path.join(folder, 'visor', 'vmx', f'{name}.d'), 'w',
                          encoding='utf-8') as file:
                    file.write(f'{folder}/visor/vmx/{name}.o: ../../kmod/vmx/{name}.cpp \\\n'
                               f' ../../kmod/{headers}\n\n../../kmod/x86/b.hpp:\n')
            self.assertEqual(includers(folder),
                             {'kmod/x86/b.hpp': ['kmod/vmx/a.cpp', 'kmod/vmx/c.cpp']})
            self.assertEqual(suites_of('kmod/x86/b.hpp', folder),
                             ['x86', 'ept', 'linux', 'rm_guest', 'texts', 'entry_check'])


class Suites(unittest.TestCase):
    def test_the_most_exact_folder_counts(self):
        self.assertEqual(concerned('kmod/vmx/entry_check/host_rules.cpp')[0], 'entry_check')
        self.assertEqual(concerned('kmod/rm_guest/apic/icr.cpp')[0], 'apic')
        self.assertEqual(concerned('kmod/rm_guest/io.cpp'), ('rm_guest', 'fuzz'))

    def test_every_suite_there_is(self):
        for suites in CONCERNED.values():
            self.assertLessEqual(set(suites), set(SUITES))
            for suite in suites:
                self.assertTrue(os.path.isdir(os.path.join(TOP, 'tests', 'unit', suite)), suite)


if __name__ == '__main__':
    unittest.main()
