# SPDX-License-Identifier: GPL-2.0-only
"""Man pages, --help and bash completion tell the same."""

import os
import re
import subprocess

from common import RMGUEST, TOP, ToolTest

MAN = os.path.join(TOP, 'user', 'man')
COMPLETION = os.path.join(TOP, 'user', 'completion', 'rmguest.bash')
# Two commands in one page.
PAGES = {'status': 'ps', 'stop': 'inject'}
# rmguest-run(1) names itself "rmguest run", which mandoc takes for rmguest(1).
TOLERATED = ('cross reference to self',)


class ManualTest(ToolTest):
    """Every command."""

    def commands(self):
        text = self.good('--help').split('Subcommands:')[1].split('Examples:')[0]
        found = re.findall(r'^  ([a-z]+) ', text, re.MULTILINE)
        self.assertIn('doctor', found)
        return found

    def options(self, command):
        text = self.good(command, '--help')
        lines = re.findall(r'^  (-\S+)', text, re.MULTILINE)
        return {option for line in lines for option in line.split(',')} - {'-h', '--help'}

    def test_every_option_is_in_the_man_page(self):
        for command in self.commands():
            page = os.path.join(MAN, f'rmguest-{PAGES.get(command, command)}.1')
            with open(page, encoding='utf-8') as file:
                text = file.read()
            for option in self.options(command):
                with self.subTest(command=command, option=option):
                    name = re.escape(option[1:])  # mdoc's Fl adds one -
                    self.assertRegex(text, rf'(Fl|,) {name}\b')

    def test_the_first_page_names_every_command(self):
        with open(os.path.join(MAN, 'rmguest.1'), encoding='utf-8') as file:
            text = file.read()
        for command in self.commands():
            self.assertRegex(text, rf'Cm {command}\b')

    def test_man_pages_have_no_faults(self):
        for name in sorted(os.listdir(MAN)):
            done = subprocess.run(['mandoc', '-T', 'lint', '-W', 'warning',
                                   os.path.join(MAN, name)],
                                  capture_output=True, text=True, check=False)
            complaints = [line for line in done.stdout.splitlines()
                          if not any(text in line for text in TOLERATED)]
            self.assertEqual(complaints, [])

    def complete(self, *words):
        script = (f'source {COMPLETION}; COMP_WORDS=({" ".join(words)}); '
                  f'COMP_CWORD={len(words) - 1}; _rmguest 2>/dev/null; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        return subprocess.run(['bash', '-c', script], capture_output=True, text=True, check=True,
                              env=self.environment, timeout=30).stdout.split()

    def test_completion_of_commands(self):
        self.assertEqual(set(self.complete(RMGUEST, "''")),
                         {*self.commands(), '--help', '--version'})
        self.assertEqual(self.complete(RMGUEST, 'doc'), ['doctor'])

    def test_completion_of_options_and_values(self):
        self.assertEqual(self.complete(RMGUEST, 'run', '--tr'), ['--trace'])
        self.assertEqual(self.complete(RMGUEST, 'trace', '--format', 't'), ['text', 'timeline'])
        self.assertEqual(self.complete(RMGUEST, 'inject', 'name', 'n'), ['nmi'])
        self.assertEqual(self.complete(RMGUEST, 'run', '--timeout', "''"), [])

    def test_a_command_that_there_is_not(self):
        self.refused('dcotor', text="no command 'dcotor'")
        self.refused('ps', '--nosuch', text='--nosuch')
