# SPDX-License-Identifier: GPL-2.0-only
"""rmguest run --debug and --gdb on this host's KVM: scripts, a terminal, and Debian's gdb."""

import json
import os
import re
import signal
import socket
import subprocess
import unittest

from common import GUESTS, RMGUEST, Terminal, ToolTest, has_kvm, wait_until

KVM = ('--device', '/dev/kvm')
PROMPT = '(rmguest) '
# Jumps to where no memory is.
FAILING_GUEST = bytes.fromhex('ea00000020')


def guest(name):
    return os.path.join(GUESTS, name)


class BadChoiceTest(ToolTest):
    """No guest is needed to refuse them."""

    def test_bad_choices(self):
        for arguments in (['--debug', '--gdb', '1'], ['--gdb', '65536'], ['--gdb', 'x'],
                          ['--gdb', 'localhost:1']):
            with self.subTest(arguments=arguments):
                self.refused('run', *KVM, *arguments, guest('hello.bin'), text='rmguest: ')

    def test_a_port_that_is_taken(self):
        if not has_kvm():
            self.skipTest('this host has no /dev/kvm that we may use')
        with socket.create_server(('127.0.0.1', 0)) as server:
            self.refused('run', *KVM, '--gdb', str(server.getsockname()[1]), guest('hello.bin'),
                         text='Address already in use')


@unittest.skipUnless(has_kvm(), 'this host has no /dev/kvm that we may use')
class ScriptTest(ToolTest):
    """The monitor, fed by a script."""

    def script(self, *lines, image='hello.bin', status=0, options=()):
        """What the monitor says, by the command that it answers."""
        done = self.run_tool('run', *KVM, '--debug', *options, guest(image),
                             input='\n'.join(lines))
        self.assertEqual(done.returncode, status, done.stderr)
        said = {}
        for part in done.stderr.split(PROMPT)[1:]:
            line, _, answer = part.partition('\n')
            said[line] = answer
        return said, done

    def test_steps_and_breakpoints(self):
        said, done = self.script('step', 's 2', 'break 7c0f', 'c', 'next', 'delete', 'continue')
        self.assertIn('0000:7c01  fc                    cld', said['step'])
        self.assertIn('0000:7c04  8e d8', said['s 2'])
        self.assertRegex(said['c'], r'breakpoint 1, 0x7c0f\n  EAX=000000e9')
        self.assertIn('0000:7c11', said['next'])
        self.assertIn('halted', said['continue'])
        self.assertEqual(done.stdout.count('hello from real mode'), 2)

    def test_port_accesses(self):
        said, done = self.script('until 7c0b', 'step', 'port e9', 'c', 'regs', 'c', 'q')
        # IN is done when its step is.
        self.assertRegex(said['step'], r'in port e9h, 1 byte: e9\n  eax=000000e9')
        self.assertIn('out port e9h, 1 byte: 65', said['c'])  # the second one
        self.assertEqual(done.stdout, 'he')

    def test_the_guest_can_be_changed(self):
        said, done = self.script('edit 7c63 "HELLO"', 'until 7c11', 'set si 7c64', 'set ip 7c14',
                                 'c')
        self.assertIn('5 bytes', said['edit 7c63 "HELLO"'])
        self.assertTrue(done.stdout.startswith('ELLO from'), done.stdout)

    def test_calls_are_stepped_over(self):
        said, done = self.script('until 7c14', 'next', 'q')
        self.assertIn('0000:7c17', said['next'])
        self.assertEqual(done.stdout, 'hello from real mode, by port E9h\n')

    def test_a_guest_that_has_ended_is_looked_at(self):
        said, _ = self.script('c', 'regs', 'd 7c00 10', 'exits', 'ports 1')
        self.assertIn('at 0000:7c29', said['regs'])
        self.assertIn('fa fc 31 c0', said['d 7c00 10'])
        self.assertIn('HLT', said['exits'])
        self.assertIn('out port 3f8h, 1 byte: 0a', said['ports 1'])

    def test_its_status_is_the_guests(self):
        self.script('c', image='exit42.bin', status=42)
        self.script('s', image='exit42.bin')

    def test_a_guest_that_fails(self):
        image = self.path('jump.bin')
        with open(image, 'wb') as file:
            file.write(FAILING_GUEST)
        said, done = self.script('c', 'r', image=image, status=126, options=('--memory', '64K'))
        self.assertIn('the guest has ended: the device can', said['c'])
        self.assertIn('at 2000:0000, linear 0x20000: outside', said['r'])
        self.assertIn('INTERNAL_ERROR', done.stderr.split(PROMPT)[-1])

    def test_a_bad_command_ends_a_script(self):
        said, done = self.script('step', 'stpe', 'step', status=125)
        self.assertNotIn("did you mean 'step'", said['step'])
        self.assertTrue(done.stderr.endswith("did you mean 'step'?\n"), done.stderr)
        self.script('c', 's', status=125)  # it has ended

    def test_a_timeout_ends_it(self):
        _, done = self.script('c', image='spin.bin', status=124, options=('--timeout', '0.5'))
        self.assertIn('time-out', done.stderr)

    def test_a_symbol(self):
        said, _ = self.script('u', 'break other_start', 'breaks', 'q', image='elf_sections.elf')
        self.assertRegex(said['breaks'], r'1: execute 0x[0-9a-f]+ <other_start>')

    def test_json(self):
        _, done = self.script('step 3', 'q', options=('--json',))
        report = self.matches_schema('run', done.stdout)
        self.assertEqual((report['end'], report['status']), ('quit', 0))

    def test_two_vcpus(self):
        said, _ = self.script('s', 'vcpu 1', 'vcpu', 'q', options=('--vcpus', '2'))
        self.assertIn('0000:7c01', said['s'])
        self.assertIn('vCPU 1 of 2', said['vcpu'])


@unittest.skipUnless(has_kvm(), 'this host has no /dev/kvm that we may use')
class TerminalTest(ToolTest):
    """The monitor in a terminal."""

    def terminal(self, image, *options):
        terminal = Terminal(self, 80, 40,
                            ' '.join([RMGUEST, 'run', *KVM, '--name', 'debugged', '--debug',
                                      *options, guest(image)]))
        self.assertTrue(terminal.shows(PROMPT.strip()))
        return terminal

    def test_control_c_stops_the_guest_and_not_the_run(self):
        terminal = self.terminal('spin.bin')
        for _ in range(2):
            terminal.keys('continue', 'Enter')
            self.assertTrue(terminal.shows('spinning'))
            wait_until(lambda: '"running"' in self.good('ps', '--json'))
            terminal.keys('C-c')
            self.assertTrue(terminal.shows('stopped\n'))
            self.assertRegex(terminal.screen(), r'eb fe +jmp')
        terminal.keys('quit', 'Enter')
        self.assertTrue(terminal.shows('[status 0]'))

    def test_lines_are_edited(self):
        terminal = self.terminal('hello.bin')
        terminal.keys('b', 'Tab')
        self.assertTrue(terminal.shows('(rmguest) break\n'), terminal.screen())
        terminal.keys('Tab')
        self.assertTrue(terminal.shows('break  breaks'), terminal.screen())
        terminal.keys('C-u', 'ste', 'Tab', '2', 'Enter')
        self.assertTrue(terminal.shows('0000:7c02'))
        terminal.keys('Up', 'Enter')  # the history
        self.assertTrue(terminal.shows('0000:7c06'))
        terminal.keys('rubbish', 'C-c')  # gives the line up
        terminal.keys('s', 'Enter')
        self.assertTrue(terminal.shows('0000:7c08'))
        terminal.keys('Enter')  # once more
        self.assertTrue(terminal.shows('0000:7c0b'))
        terminal.keys('nonsense', 'Enter')
        self.assertTrue(terminal.shows("no command 'nonsense'"))
        terminal.keys('C-d')
        self.assertTrue(terminal.shows('[status 0]'))

    def test_others_are_served_meanwhile(self):
        terminal = self.terminal('spin.bin')
        guests = json.loads(self.good('ps', '--json'))['guests']
        self.assertEqual([one['name'] for one in guests], ['debugged'])
        self.good('stop', 'debugged')
        self.assertTrue(terminal.shows('[status 143]'))

    def test_events_come_to_a_guest_that_is_stopped(self):
        terminal = self.terminal('waiting.bin', '--halt', 'wait')
        terminal.keys('port e9', 'Enter', 'c', 'Enter')
        wait_until(lambda: '"halted"' in self.good('ps', '--json'))
        terminal.keys('C-c')
        self.assertTrue(terminal.shows('stopped\n'))
        self.good('inject', 'debugged', 'nmi')
        terminal.keys('c', 'Enter')
        self.assertTrue(terminal.shows('out port e9h, 1 byte: 4e'))
        terminal.keys('q', 'Enter')
        self.assertTrue(terminal.shows('[status 0]'))

    def test_a_signal_at_the_prompt(self):
        terminal = self.terminal('spin.bin')
        os.kill(json.loads(self.good('ps', '--json'))['guests'][0]['pid'], signal.SIGTERM)
        self.assertTrue(terminal.shows('[status 143]'))


@unittest.skipUnless(has_kvm(), 'this host has no /dev/kvm that we may use')
class GdbTest(ToolTest):
    """Debian's gdb, and one that behaves badly."""

    def serve(self, image, *options):
        """The process, and where gdb finds it."""
        process = self.start('run', *KVM, '--gdb', '0', *options, guest(image))
        line = process.stderr.readline()
        self.assertIn('target remote', line)
        return process, line.split()[-1]

    def gdb(self, place, *commands):
        words = ['gdb', '-nx', '-batch', '-ex', 'set tcp auto-retry off',
                 '-ex', f'target remote {place}']
        for command in commands:
            words += ['-ex', command]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False,
                              env={**self.environment, 'HOME': self.folder})
        self.assertNotIn('warning: Remote', done.stderr)
        return done.stdout + done.stderr

    def test_a_session(self):
        process, place = self.serve('hello.bin')
        said = self.gdb(place, 'show architecture', 'x/2i $pc', 'stepi', 'break *0x7c0f', 'c',
                        'p/x $al', 'delete', 'hbreak *0x7c14', 'c', 'p/x $si',
                        'set var *(char*)0x7c63 = 72', 'info threads', 'monitor ports',
                        'info registers cs_base cr0', 'c')
        self.assertIn('i8086', said)
        self.assertRegex(said, r'=> 0x7c00:\tcli')
        self.assertIn('0x00007c01 in', said)
        self.assertRegex(said, r'Breakpoint 1, 0x00007c0f')
        self.assertIn('$1 = 0xe9', said)
        self.assertRegex(said, r'Breakpoint 2, 0x00007c14')
        self.assertIn('$2 = 0x7c63', said)
        self.assertIn('vCPU 0', said)
        self.assertIn('in port e9h, 1 byte: e9', said)
        self.assertRegex(said, r'cs_base +0x0')
        self.assertIn('exited normally', said)
        out, _ = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 0)
        self.assertTrue(out.startswith('Hello from'), out)

    def test_registers_of_64_bits(self):
        _, place = self.serve('hello.bin')
        # GDB does not know that one is part of the other.
        again = 'maintenance flush register-cache'
        said = self.gdb(place, 'set var $rax = 0x1122334455667788', again, 'p/x $eax',
                        'set var $eax = 1', again, 'p/x $rax', 'set var $r15 = 0xfedcba9876543210',
                        'stepi', 'p/x $r15', 'p/x $rip', 'kill')
        for number, value in enumerate(('55667788', '1122334400000001', 'fedcba9876543210',
                                        '7c01'), 1):
            self.assertIn(f'${number} = 0x{value}\n', said)

    def test_a_fifth_breakpoint_is_refused(self):
        _, place = self.serve('hello.bin')
        said = self.gdb(place, *(f'break *{address:#x}' for address in range(0x7c01, 0x7c06)),
                        'c', 'delete 5', 'c', 'kill')
        self.assertIn('Cannot insert', said)
        self.assertIn('Breakpoint 1, 0x00007c01', said)

    def test_the_guests_status(self):
        process, place = self.serve('exit42.bin')
        self.assertIn('exited with code 052', self.gdb(place, 'c'))
        self.assertEqual(process.wait(10), 42)

    def test_detach_and_kill(self):
        process, place = self.serve('hello.bin')
        self.gdb(place, 'break *0x7c14', 'detach')
        self.assertEqual(process.wait(10), 0)
        process, place = self.serve('spin.bin')
        self.gdb(place, 'stepi', 'kill')
        self.assertEqual(process.wait(10), 0)

    def test_a_guest_that_fails_is_looked_at(self):
        image = self.path('jump.bin')
        with open(image, 'wb') as file:
            file.write(FAILING_GUEST)
        process, place = self.serve(image, '--memory', '64K')
        said = self.gdb(place, 'c', 'p/x $eip', 'c')
        self.assertIn('INTERNAL_ERROR', said)
        self.assertIn('SIGSEGV', said)
        self.assertIn('$1 = 0x20000', said)
        self.assertEqual(process.wait(10), 126)

    def test_control_c_of_gdb(self):
        process, place = self.serve('spin.bin')
        debugger = subprocess.Popen(
            ['gdb', '-nx', '-batch', '-ex', f'target remote {place}', '-ex', 'c',
             '-ex', 'x/i $pc', '-ex', 'kill'],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**self.environment, 'HOME': self.folder})
        self.addCleanup(self._end, debugger)
        self.assertEqual(process.stdout.readline(), 'spinning\n')
        debugger.send_signal(signal.SIGINT)
        out, _ = debugger.communicate(timeout=30)
        self.assertIn('SIGINT', out)
        self.assertRegex(out, r'=> 0x7c[0-9a-f]+:\tjmp')
        self.assertEqual(process.wait(10), 0)

    def test_vcpus_are_threads(self):
        process, place = self.serve('hello.bin', '--vcpus', '2')
        said = self.gdb(place, 'info threads', 'stepi', 'thread 2', 'p/x $eip', 'kill')
        self.assertRegex(said, r'2 +Thread 2 \(vCPU 1\)')
        self.assertIn('0x00007c01', said)
        self.assertEqual(process.wait(10), 0)

    def test_one_that_goes_away_and_one_that_talks_rubbish(self):
        process, place = self.serve('spin.bin')
        host, port = place.split(':')
        for rubbish in (b'', b'\x03', b'$c#63', b'$' * 10000, bytes(range(256)) * 50,
                        b'$m0,ffffffffffffffff#a8', b'GET / HTTP/1.0\r\n\r\n'):
            with socket.create_connection((host, int(port)), timeout=10) as client:
                client.sendall(rubbish)
        self.assertIn('0x00007c', self.gdb(place, 'stepi', 'kill'))
        self.assertEqual(process.wait(10), 0)

    def test_only_this_machine_is_heard(self):
        _, place = self.serve('spin.bin')
        self.assertRegex(place, r'^127\.0\.0\.1:[0-9]+$')
        listening = subprocess.run(['cat', '/proc/net/tcp'], capture_output=True, text=True,
                                   check=True).stdout
        port = f'{int(place.split(":")[1]):04X}'
        self.assertEqual(re.findall(rf' ([0-9A-F]{{8}}):{port} 00000000:0000 0A', listening),
                         ['0100007F'])
