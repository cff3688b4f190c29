# SPDX-License-Identifier: GPL-2.0-only
"""rmguest top, in terminals of several sizes and in pipes."""

import json
import signal
import threading
import time

from common import Terminal, ToolTest, wait_until, RMGUEST
from fake_debugfs import FakeDebugfs


class TopTest(ToolTest):
    """Statistics that grow all the time."""

    def setUp(self):
        super().setUp()
        self.debugfs = FakeDebugfs(self.path('debugfs'))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._advance)
        self._thread.start()
        self.addCleanup(self._stop)

    def _stop(self):
        self._ended.set()
        self._thread.join()

    def _advance(self):
        while not self._ended.wait(0.1):
            self.debugfs.advance()

    def top(self, *arguments):
        return ('top', '--debugfs', self.debugfs.root, *arguments)

    def terminal(self, width=80, height=24, *arguments):
        return Terminal(self, width, height, ' '.join([RMGUEST, *self.top(*arguments)]))

    def test_batch_prints_a_table_without_escapes(self):
        text = self.good(*self.top('-n', '2', '-d', '0.3'))
        self.assertEqual(text.count('EXITS/S'), 2)
        self.assertRegex(text, r'   0 linux   CPUID ')
        self.assertRegex(text, r'   1 vm3     I/O instruction ')
        self.assertNotIn('\x1b', text)

    def test_json_matches_its_schema(self):
        rows = self.matches_schema('top', self.good(*self.top('--json', '-d', '0.5')))['rows']
        self.assertEqual(rows[0]['reason'], 'CPUID')
        self.assertEqual(rows[0]['ticks_per_exit'], 120)
        self.assertAlmostEqual(sum(row['share'] for row in rows), 100, places=3)

    def test_groups_orders_and_filter(self):
        def names(*arguments):
            text = self.good(*self.top('--json', '-d', '0.5', *arguments))
            return [row['reason'] for row in json.loads(text)['rows']]
        self.assertEqual(names('--group', 'reason', '--sort', 'name'),
                         ['CPUID', 'Control-register access', 'HLT', 'I/O instruction'])
        self.assertEqual(set(names('--group', 'cpu')), {'-'})
        self.assertEqual(set(names('--filter', 'CPUID')), {'CPUID'})

    def test_guests_have_names(self):
        status = self.debugfs.read('status')
        self.debugfs.write('status', status.replace(b'vm3/0', b'vm3/0 (hello)'))
        self.assertRegex(self.good(*self.top('-n', '1', '-d', '0.3')), r'   1 hello   I/O instr')
        self.debugfs.write('status', status.replace(b'vm3/0', b'vm3/0 (linux)'))
        self.assertRegex(self.good(*self.top('-n', '1', '-d', '0.3')), r'   1 vm3     I/O instr')

    def test_ticks_are_measured_only_meanwhile(self):
        process = self.start(*self.top('-n', '100', '-d', '0.2'))
        self.assertTrue(wait_until(lambda: self.debugfs.read('stats_on') == b'1\n'))
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), 130)
        self.assertEqual(self.debugfs.read('stats_on'), b'0\n')

    def test_a_pipe_needs_batch(self):
        self.refused(*self.top(), text='needs a terminal')

    def test_without_the_module_it_says_how_to_load_it(self):
        done = self.run_tool('top', '--debugfs', self.path('nothing'), '--batch')
        self.assertEqual(done.returncode, 125)
        self.assertIn('insmod rmvisor', done.stderr)

    def test_screen_of_80_by_24(self):
        terminal = self.terminal()
        self.assertTrue(terminal.shows('I/O instruction'))
        lines = terminal.lines()
        self.assertTrue(lines[0].startswith('rmguest top:'))
        self.assertTrue(lines[2].rstrip().endswith('%'), lines[2])
        terminal.keys('h')
        self.assertTrue(terminal.shows('seconds between two looks'))
        terminal.keys('x')
        self.assertTrue(terminal.shows('EXITS/S'))
        terminal.keys('q')
        self.assertTrue(terminal.shows('[status 0]'))
        self.assertNotIn('EXITS/S', terminal.screen())
        self.assertEqual(self.debugfs.read('stats_on'), b'0\n')

    def test_keys_change_what_is_shown(self):
        terminal = self.terminal()
        self.assertTrue(terminal.shows('rows by all, sorted by rate'))
        terminal.keys('g', 'o')
        self.assertTrue(terminal.shows('rows by reason, sorted by ticks'))
        terminal.keys('f')
        self.assertTrue(terminal.shows('only rows with this text:'))
        terminal.keys('HLT', 'Enter')
        self.assertTrue(terminal.shows("only 'HLT'"))
        self.assertTrue(wait_until(lambda: 'I/O instruction' not in terminal.screen()))
        terminal.keys('s')
        self.assertTrue(terminal.shows('seconds between two looks:'))
        terminal.keys('0.5', 'Enter')
        self.assertTrue(terminal.shows('every 0.5 s'))

    def test_it_follows_the_size_of_the_terminal(self):
        terminal = self.terminal(120, 40)
        self.assertTrue(terminal.shows('I/O instruction'))
        terminal.resize(50, 5)
        self.assertTrue(wait_until(lambda: len(terminal.lines()) <= 6 and
                                   'EXITS/S' not in terminal.screen() and
                                   'GUEST' in terminal.screen()))
        terminal.resize(200, 50)
        self.assertTrue(terminal.shows('TICKS/EX'))

    def test_control_c_leaves_the_terminal_as_it_was(self):
        terminal = self.terminal()
        self.assertTrue(terminal.shows('I/O instruction'))
        terminal.keys('C-c')
        self.assertTrue(terminal.shows('[status 130]'))
        time.sleep(0.2)
        self.assertNotIn('EXITS/S', terminal.screen())

    def test_an_unknown_terminal_is_told(self):
        terminal = Terminal(self, 80, 24,
                            ' '.join(['TERM=nosuch', RMGUEST, *self.top()]))
        self.assertTrue(terminal.shows('this terminal is not known'))
