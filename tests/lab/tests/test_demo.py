# SPDX-License-Identifier: GPL-2.0-only
"""The demonstrations of `make run`: which there are, and what an unknown name gets."""

import contextlib
import importlib.util
import io
import os
import unittest

CASES = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), 'cases')


def load_demo():
    path = os.path.join(CASES, 'demo.py')
    specification = importlib.util.spec_from_file_location('demo', path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class DemoTest(unittest.TestCase):
    def setUp(self):
        self.demo = load_demo()

    def run_main(self, *arguments):
        with contextlib.redirect_stderr(io.StringIO()) as text:
            status = self.demo.main(list(arguments))
        return status, text.getvalue()

    def test_every_script_has_a_name(self):
        scripts = {name for name in os.listdir(CASES)
                   if name.startswith('demo') and name.endswith('.sh')}
        self.assertEqual({demo.script for demo in self.demo.DEMOS.values()},
                         scripts - {'demo_steps.sh', 'demos.sh'})

    def test_an_unknown_name_is_refused_with_those_there_are(self):
        status, text = self.run_main('--check', '--demo', 'nothing')
        self.assertEqual(status, 2)
        self.assertIn('no DEMO=nothing', text)
        for name in self.demo.DEMOS:
            self.assertIn(f'\n  {name} ', text)

    def test_known_names_pass_the_check(self):
        self.assertEqual(self.run_main('--check'), (0, ''))
        for name in self.demo.DEMOS:
            self.assertEqual(self.run_main('--check', '--demo', name), (0, ''))


if __name__ == '__main__':
    unittest.main()
