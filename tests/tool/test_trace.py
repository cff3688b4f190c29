# SPDX-License-Identifier: GPL-2.0-only
"""rmguest trace: formats, choices, and what is no trace."""

import csv
import io
import json
import os
import signal
import subprocess

from common import ESCAPE, Terminal, ToolTest, wait_until, RMGUEST
from fake_trace import NAMES, SYMBOLS, sample, trace_file


class SampleTest(ToolTest):
    """A file as run --trace writes it."""

    def setUp(self):
        super().setUp()
        self.trace = self.path('sample.rmt')
        self.write(trace_file(sample(), symbols=SYMBOLS))

    def write(self, data):
        with open(self.trace, 'wb') as file:
            file.write(data)

    def objects(self, *arguments):
        return [json.loads(line) for line in
                self.good('trace', '--json', *arguments, self.trace).splitlines()]


class TraceFileTest(SampleTest):
    """Formats, choices and errors."""

    def test_text_has_instructions_symbols_and_no_colour_in_a_pipe(self):
        text = self.good('trace', self.trace)
        self.assertRegex(text, r'0000:7c05 +start\+0x5 +out 0xe9, al +300 +to user')
        self.assertRegex(text, r'native_cpuid\+0x10 +cpuid')
        self.assertNotIn(ESCAPE, text)
        self.assertEqual(len(text.splitlines()), 1 + len(sample()))

    def test_json_lines_match_the_schema(self):
        for line in self.good('trace', '--json', self.trace).splitlines():
            self.matches_schema('trace', line)

    def test_choices(self):
        self.assertEqual({one['cpu'] for one in self.objects('--cpu', '0')}, {0})
        self.assertEqual({one['vm'] for one in self.objects('--vm', '3')}, {3})
        self.assertEqual([one['event'] for one in self.objects('--reason', 'hlt,i/o')],
                         ['I/O instruction', 'HLT'])
        self.assertEqual([one['reason'] for one in self.objects('--reason', '10')], [10, 10])

    def test_csv_has_the_same_cells_as_json(self):
        rows = list(csv.DictReader(io.StringIO(self.good('trace', '--format', 'csv', self.trace))))
        objects = self.objects()
        self.assertEqual(len(rows), len(objects))
        for row, one in zip(rows, objects):
            for key in ('time', 'tsc', 'event', 'detail', 'address', 'root_ticks', 'action'):
                self.assertEqual(row[key], str(one[key]))
            self.assertEqual(row['instruction'], one.get('instruction', ''))

    def test_output_file(self):
        path = self.path('out.csv')
        self.assertEqual(self.good('trace', '--format', 'csv', '-o', path, self.trace), '')
        self.assertTrue(os.path.getsize(path))

    def test_a_file_without_symbols_has_no_column_for_them(self):
        self.write(trace_file(sample()))
        self.assertNotIn('SYMBOL', self.good('trace', self.trace))

    def test_guests_have_names(self):
        self.assertNotIn('NAME', self.good('trace', self.trace))
        self.assertNotIn('name', self.objects('--vm', '3')[0])
        self.write(trace_file(sample(), symbols=NAMES))
        text = self.good('trace', self.trace)
        self.assertRegex(text, r'GUEST +NAME +EVENT')
        self.assertRegex(text, r' vm3/vcpu0 +hello +I/O instruction ')
        self.assertRegex(text, r' linux +CPUID ')
        self.assertEqual(self.objects('--vm', 'hello'), self.objects('--vm', '3'))
        self.assertEqual({one['name'] for one in self.objects('--vm', 'hello')}, {'hello'})
        rows = list(csv.DictReader(io.StringIO(self.good('trace', '--format', 'csv', self.trace))))
        self.assertEqual({row['name'] for row in rows if row['vm'] == '3'}, {'hello'})
        self.refused('trace', '--vm', 'hell', self.trace, text="no guest named 'hell'")
        events = json.loads(self.good('trace', '--format', 'timeline', self.trace))['traceEvents']
        self.assertIn('vm3/vcpu0 hello', {event['name'] for event in events})

    def test_lost_records_are_told(self):
        self.write(trace_file(sample(), lost=7))
        self.assertIn('7 records', self.run_tool('trace', self.trace).stderr)

    def test_damaged_files_are_refused(self):
        whole = trace_file(sample(), symbols=SYMBOLS)
        for data, text in ((b'', 'too short'), (b'x' * 200, 'no trace'), (whole[:-5], 'damaged'),
                           (whole[:40] + b'\xff' * 24 + whole[64:], 'damaged'),
                           (trace_file(sample())[:-5], 'cut off'),
                           (whole[:8] + b'\x63' + whole[9:], 'version 99')):
            with self.subTest(text=text):
                self.write(data)
                self.refused('trace', self.trace, text=text)

    def test_what_does_not_go_together_is_refused(self):
        for arguments in (['-f', self.trace], ['--record', self.path('x'), self.trace],
                          ['-f', '--format', 'timeline'], ['--seconds', '1'],
                          ['--reason', 'nosuch', self.trace], ['--cpu', '1-', self.trace],
                          ['--format', 'xml', self.trace]):
            with self.subTest(arguments=arguments):
                self.refused('trace', *arguments, text='rmguest: ')

    def test_colour_on_a_terminal(self):
        terminal = Terminal(self, 200, 30, f'{RMGUEST} trace {self.trace}')
        self.assertTrue(terminal.shows('[status 0]'))
        self.assertIn(ESCAPE + '[1m', terminal.screen(colours=True))

    def test_no_colour_with_no_color(self):
        plain = Terminal(self, 200, 30, f'NO_COLOR=1 {RMGUEST} trace {self.trace}')
        self.assertTrue(plain.shows('[status 0]'))
        self.assertIn('native_cpuid', plain.screen())
        self.assertNotIn(ESCAPE, plain.screen(colours=True))


class TimelineTest(SampleTest):
    """The rules of Chrome's trace event format, which Perfetto's importer follows."""

    def setUp(self):
        super().setUp()
        self.document = json.loads(self.good('trace', '--format', 'timeline', self.trace))
        self.events = self.document['traceEvents']

    def test_every_event_has_what_its_phase_needs(self):
        self.assertIn(self.document['displayTimeUnit'], ('ms', 'ns'))
        for event in self.events:
            self.assertIsInstance(event['name'], str)
            self.assertIsInstance(event['pid'], int)
            self.assertIsInstance(event['tid'], int)
            self.assertIn(event['ph'], ('X', 'i', 'M'))
            if event['ph'] == 'M':
                self.assertIn(event['name'], ('process_name', 'thread_name', 'thread_sort_index'))
                self.assertTrue(event['args'])
            else:
                self.assertGreaterEqual(event['ts'], 0)
            if event['ph'] == 'X':
                self.assertGreater(event['dur'], 0)
            if event['ph'] == 'i':
                self.assertIn(event['s'], ('t', 'p', 'g'))

    def test_one_named_track_per_cpu(self):
        names = {event['tid']: event['args']['name'] for event in self.events
                 if event['name'] == 'thread_name'}
        self.assertEqual(names, {0: 'CPU 0', 1: 'CPU 1'})
        self.assertEqual({event['tid'] for event in self.events if event['ph'] == 'X'}, set(names))

    def test_slices_of_a_track_do_not_overlap(self):
        for cpu in (0, 1):
            slices = sorted((event['ts'], event['dur']) for event in self.events
                            if event['ph'] == 'X' and event['tid'] == cpu)
            for (start, length), (following, _) in zip(slices, slices[1:]):
                self.assertLessEqual(start + length, following + 1e-6)

    def test_guest_visor_and_user_are_told_apart(self):
        kinds = [(event['cat'], event['name']) for event in self.events
                 if event['ph'] == 'X' and event['tid'] == 1]
        self.assertEqual(kinds, [('parked', 'parked'), ('guest', 'vm3/vcpu0'),
                                 ('visor', 'I/O instruction'), ('user', 'user'),
                                 ('guest', 'vm3/vcpu0'), ('visor', 'HLT')])

    def test_times_are_microseconds(self):
        visor = next(event for event in self.events if event['name'] == 'I/O instruction')
        self.assertAlmostEqual(visor['ts'], 4.0)  # 8,000 ticks at 2 GHz
        self.assertAlmostEqual(visor['dur'], 0.15)


class LiveTest(ToolTest):
    """A folder in place of the module's debugfs."""

    def setUp(self):
        super().setUp()
        self.rings = {cpu: os.path.join(self.folder, 'debugfs', 'per_cpu', f'cpu{cpu}')
                      for cpu in (0, 1)}
        for ring in self.rings.values():
            os.makedirs(ring)
        for one in sample():
            self.add(one)

    def add(self, one):
        cpu = one[12]
        with open(os.path.join(self.rings[cpu], 'trace_raw'), 'ab') as file:
            file.write(one[:64])

    def live(self, *arguments):
        return ('trace', '--debugfs', self.path('debugfs'), *arguments)

    def test_without_the_module_it_says_how_to_load_it(self):
        done = self.run_tool('trace', '--debugfs', self.path('nothing'))
        self.assertEqual(done.returncode, 125)
        self.assertIn('insmod rmvisor', done.stderr)

    def test_all_cpus_are_merged_by_time(self):
        times = [json.loads(line)['tsc'] for line in self.good(*self.live('--json')).splitlines()]
        self.assertEqual(len(times), len(sample()))
        self.assertEqual(times, sorted(times))

    def test_names_of_guests_come_from_the_module(self):
        with open(self.path('debugfs/names'), 'w', encoding='utf-8') as file:
            file.write('vm2 other\nvm3 hello\n')
        self.assertRegex(self.good(*self.live()), r' vm3/vcpu0 +hello ')
        self.assertEqual({json.loads(line)['vm'] for line in
                          self.good(*self.live('--json', '--vm', 'hello')).splitlines()}, {3})
        path = self.path('all.rmt')
        self.good(*self.live('--record', path, '--seconds', '0.2'))
        self.assertRegex(self.good('trace', path), r' vm3/vcpu0 +hello ')

    def test_a_guest_that_begins_while_it_follows(self):
        process = self.start(*self.live('--follow', '--json', '--vm', '3'))
        for _ in sample()[1:-2]:
            self.assertNotIn('name', json.loads(process.stdout.readline()))
        with open(self.path('debugfs/names'), 'w', encoding='utf-8') as file:
            file.write('vm3 hello\n')
        self.add(sample()[3])
        self.assertEqual(json.loads(process.stdout.readline())['name'], 'hello')

    def test_a_recording_reads_back(self):
        path = self.path('all.rmt')
        process = self.start(*self.live('--record', path))
        for count in (len(sample()), len(sample()) + 1):
            size = 64 + 80 * count
            self.assertTrue(wait_until(lambda wanted=size: os.path.exists(path) and
                                       os.path.getsize(path) == wanted))
            self.add(sample()[0])
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), 0)
        self.assertGreater(len(self.good('trace', '--json', path).splitlines()), len(sample()))

    def test_seconds_end_a_recording(self):
        self.good(*self.live('--record', self.path('all.rmt'), '--seconds', '0.3'))

    def test_a_recording_into_a_pipe_is_refused(self):
        self.refused(*self.live('--record', '/dev/null'), text='no regular file')

    def test_follow_shows_what_comes(self):
        process = self.start(*self.live('--follow', '--json', '--vm', '0'))
        for _ in range(3):
            self.assertEqual(json.loads(process.stdout.readline())['vm'], 0)
        self.add(sample()[0])
        self.assertEqual(json.loads(process.stdout.readline())['tsc'], 1000)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.communicate(timeout=10)[0], '')
        self.assertEqual(process.returncode, 0)

    def test_an_output_that_is_full_ends_it(self):
        with open('/dev/full', 'wb') as full:
            done = subprocess.run([RMGUEST, *self.live('--follow')], stdout=full,
                                  stderr=subprocess.PIPE, text=True, check=False,
                                  env=self.environment, timeout=20)
        self.assertEqual(done.returncode, 125)
        self.assertIn('No space left', done.stderr)

    def test_progress_is_on_a_terminal_only(self):
        command = ' '.join([RMGUEST, *self.live('--record', self.path('all.rmt'))])
        terminal = Terminal(self, 80, 24, command)
        self.assertTrue(terminal.shows('9 records, 0 lost; Ctrl-C ends it'))
        terminal.keys('C-c')
        self.assertTrue(terminal.shows('[status 0]'))
        self.assertNotIn('Ctrl-C ends it', terminal.screen())
        done = self.run_tool(*self.live('--record', self.path('all.rmt'), '--seconds', '1.5'))
        self.assertNotIn('Ctrl-C', done.stderr)
