# SPDX-License-Identifier: GPL-2.0-only
"""docs/proof.md lists the rules of VM entry where emulator and checker differ, as the test does."""

import os
import re
import unittest

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..', '..'))
VERDICTS = {'untried': 'not tried', 'enters': 'enters', 'differs': 'another error',
            'refuses': 'refuses the valid state'}


def read(path):
    with open(os.path.join(TOP, path), encoding='utf-8') as file:
        return file.read()


def rows_of_code():
    """(rule, verdict, reason) of tests/lab/entry_rules/known.cpp."""
    pattern = re.compile(r'\{"([^"]+)",\s*Verdict::(\w+),\s*"([^"]+)"\}')
    return [(rule, VERDICTS[verdict], reason)
            for rule, verdict, reason in pattern.findall(read('tests/lab/entry_rules/known.cpp'))]


def rows_of_page():
    """The same of docs/proof.md."""
    page = read('docs/proof.md').split('## The rules of VM entry')[1].split('\n## ')[0]
    return [tuple(re.findall(r'^\| `(.+)` \| (.+) \| (.+) \|$', line)[0])
            for line in page.splitlines() if line.startswith('| `')]


class KnownDifferences(unittest.TestCase):
    def test_page_and_code_have_the_same(self):
        self.assertTrue(rows_of_code())
        self.assertEqual(rows_of_page(), rows_of_code())


if __name__ == '__main__':
    unittest.main()
