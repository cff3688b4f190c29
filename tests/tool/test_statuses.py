# SPDX-License-Identifier: GPL-2.0-only
"""Exit statuses of every command, as the man pages have them, and what becomes of the output."""

import os
import re
import shutil
import signal
import subprocess
import unittest

from common import GUESTS, RMGUEST, TOP, Terminal, ToolTest, has_kvm, wait_until
from fake_debugfs import FakeDebugfs
from fake_trace import sample, trace_file

MAN = os.path.join(TOP, 'user', 'man')
COMMANDS = ('doctor', 'run', 'ps', 'status', 'inject', 'stop', 'trace', 'top', 'plot')
PAGES = {'status': 'ps', 'stop': 'inject'}
KVM = ('--device', '/dev/kvm')


def guest(name):
    return os.path.join(GUESTS, name)


class StatusTest(ToolTest):
    """What needs no guest."""

    def setUp(self):
        super().setUp()
        self.trace = self.path('sample.rmt')
        with open(self.trace, 'wb') as file:
            file.write(trace_file(sample()))

    def test_every_page_documents_them(self):
        for command in COMMANDS:
            with open(os.path.join(MAN, f'rmguest-{PAGES.get(command, command)}.1'),
                      encoding='utf-8') as file:
                text = file.read().split('.Sh EXIT STATUS\n')
            with self.subTest(command=command):
                self.assertEqual(len(text), 2)
                told = text[1].split('.Sh ')[0]
                self.assertRegex(told, r'\b0\b')
                self.assertRegex(told, r'\b125\b')

    def test_help_is_0_and_a_bad_option_125(self):
        listed = re.findall(r'^  ([a-z]+) ', self.good('--help').split('Subcommands:')[1]
                            .split('Examples:')[0], re.MULTILINE)
        self.assertEqual(set(listed), set(COMMANDS))
        for command in COMMANDS:
            with self.subTest(command=command):
                self.assertIn('Options:', self.good(command, '--help'))
                self.refused(command, '--nosuch', text=f'see rmguest {command} --help')
        self.refused(text='rmguest: ')
        self.refused('run', text='rmguest: ')

    def test_without_the_module_each_says_how_to_load_it(self):
        nowhere = ('--debugfs', self.path('nothing'))
        for arguments in (('status', *nowhere), ('top', '--batch', *nowhere),
                          ('trace', *nowhere), ('trace', '--follow', *nowhere),
                          ('trace', '--record', self.path('x.rmt'), *nowhere)):
            with self.subTest(arguments=arguments):
                self.refused(*arguments, text='insmod rmvisor')
        if not os.path.exists('/sys/module/rmvisor'):
            for command in ('status', 'trace'):
                self.refused(command, text='the module rmvisor is not loaded')
        if not os.path.exists('/dev/rmvisor'):
            self.refused('run', os.path.join(GUESTS, 'hello.bin'), text='insmod rmvisor')
        done = self.run_tool('ps', *nowhere)
        self.assertEqual((done.returncode, done.stdout.count('\n')), (0, 0))

    @unittest.skipUnless(os.geteuid() == 0, 'only root can run something as nobody')
    def test_what_needs_no_root_works_without(self):
        program = shutil.copy(RMGUEST, self.path('rmguest'))
        os.chmod(self.folder, 0o777)
        del self.environment['RMGUEST_RUNTIME_DIR']
        for arguments in (('doctor', '--json'), ('ps',), ('trace', self.trace),
                          ('trace', '--format', 'timeline', self.trace),
                          ('plot', self.trace, '-o', self.path('x.svg'))):
            with self.subTest(arguments=arguments):
                done = subprocess.run(
                    ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', program,
                     *arguments],
                    capture_output=True, text=True, check=False, env=self.environment, timeout=60)
                self.assertIn(done.returncode, (0, 1) if arguments[0] == 'doctor' else (0,),
                              done.stderr)

    def test_an_output_that_is_full_is_a_failure(self):
        debugfs = FakeDebugfs(self.path('debugfs')).root
        run = (('run', '--json', *KVM, guest('hello.bin')),) if has_kvm() else ()
        for arguments in (('trace', self.trace), ('trace', '--format', 'timeline', self.trace),
                          ('trace', '--format', 'csv', self.trace), ('doctor',), ('--help',),
                          ('ps', '--json'), ('status', '--debugfs', debugfs),
                          ('top', '--debugfs', debugfs, '-n', '999', '-d', '0.1'),
                          ('plot', '--script', '-o', 'x.svg', self.trace), *run):
            with self.subTest(arguments=arguments), open('/dev/full', 'wb') as full:
                done = subprocess.run([RMGUEST, *arguments], stdout=full, stderr=subprocess.PIPE,
                                      text=True, check=False, env=self.environment, timeout=60)
                self.assertEqual(done.returncode, 125, done.stderr)
                self.assertIn('No space left', done.stderr)

    def test_a_reader_that_goes_away_ends_it(self):
        with open(self.trace, 'wb') as file:
            file.write(trace_file(sample() * 3000))
        shell = subprocess.run(
            ['bash', '-c', f'{RMGUEST} trace {self.trace} | head -n 1; echo "${{PIPESTATUS[0]}}"'],
            capture_output=True, text=True, check=True, env=self.environment, timeout=60)
        lines = shell.stdout.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertIn(int(lines[1]), (125, 128 + signal.SIGPIPE), shell.stderr)
        self.assertLessEqual(shell.stderr.count('\n'), 2, shell.stderr)

    def test_no_command_colours_a_pipe_or_where_no_color_is_set(self):
        debugfs = FakeDebugfs(self.path('debugfs')).root
        for arguments in (('doctor',), ('status', '--debugfs', debugfs), ('trace', self.trace)):
            with self.subTest(arguments=arguments):
                done = self.run_tool(*arguments)
                self.assertNotIn('\x1b', done.stdout + done.stderr)
                terminal = Terminal(self, 200, 50, ' '.join(['NO_COLOR=1', RMGUEST, *arguments]))
                self.assertTrue(terminal.shows('[status '))
                self.assertNotIn('\x1b', terminal.screen(colours=True))

    def test_tables_keep_to_a_terminal_of_80_columns(self):
        debugfs = FakeDebugfs(self.path('debugfs')).root
        done = self.run_tool('top', '--debugfs', debugfs, '-n', '1', '-d', '0.2')
        self.assertLessEqual(max(len(line) for line in done.stdout.splitlines()), 80)


@unittest.skipUnless(has_kvm(), 'this host has no /dev/kvm that we may use')
class ControlCTest(ToolTest):
    """Ctrl-C in a terminal, at each stage of a run."""

    def terminal(self, *arguments):
        return Terminal(self, 100, 30, ' '.join([RMGUEST, 'run', *KVM, *arguments]))

    def ends_with_130(self, terminal):
        terminal.keys('C-c')
        self.assertTrue(terminal.shows('[status 130]'), terminal.screen())

    def test_while_the_guest_runs(self):
        terminal = self.terminal(guest('spin.bin'))
        self.assertTrue(terminal.shows('spinning'))
        self.ends_with_130(terminal)

    def test_while_it_waits_for_an_event(self):
        terminal = self.terminal('--halt', 'wait', '--name', 'waiting', guest('waiting.bin'))
        self.assertTrue(wait_until(lambda: '"halted"' in self.good('ps', '--json')))
        self.ends_with_130(terminal)

    def test_while_it_waits_for_gdb(self):
        terminal = self.terminal('--gdb', '0', guest('spin.bin'))
        self.assertTrue(terminal.shows('target remote'))
        self.ends_with_130(terminal)

    def test_while_a_reader_of_its_output_stops(self):
        terminal = Terminal(self, 100, 30,
                            f'{RMGUEST} run --device /dev/kvm {guest("spin.bin")} | cat')
        self.assertTrue(terminal.shows('spinning'))
        terminal.keys('C-c')
        self.assertTrue(terminal.shows('[status 130]'), terminal.screen())
        self.assertEqual(self.good('ps', '--json'), '{"guests":[]}\n')
