# SPDX-License-Identifier: GPL-2.0-only
"""rmguest run, ps, inject and stop, on this host's KVM; status on a made-up debugfs."""

import json
import os
import signal
import stat
import subprocess
import unittest

from common import GUESTS, Terminal, ToolTest, has_kvm, wait_until, RMGUEST
from fake_debugfs import FakeDebugfs

KVM = ('--device', '/dev/kvm')


def guest(name):
    return os.path.join(GUESTS, name)


class NoGuestTest(ToolTest):
    """Nothing runs."""

    def test_ps_says_so(self):
        self.assertEqual(json.loads(self.good('ps', '--json')), {'guests': []})
        self.assertIn('no guest runs', self.run_tool('ps').stderr)

    def test_status_needs_the_module(self):
        done = self.run_tool('status', '--debugfs', self.path('nothing'))
        self.assertEqual(done.returncode, 125)
        self.assertIn('insmod rmvisor', done.stderr)

    def test_inject_and_stop_need_a_guest(self):
        self.refused('inject', 'nobody', 'nmi', text='no guest named nobody')
        self.refused('stop', 'nobody', text='no guest named nobody')
        self.refused('stop', text='--all')
        self.refused('inject', '../x', 'nmi', text="can't be named")

    def test_bad_events_are_refused(self):
        for event in (['smi'], ['irq'], ['nmi', '3'], ['irq', '0x100'], ['sipi'], ['irq', 'x']):
            with self.subTest(event=event):
                self.refused('inject', 'nobody', *event, text='rmguest: ')

    def test_guests_of_other_programs_are_listed(self):
        debugfs = FakeDebugfs(self.path('debugfs'))
        document = self.matches_schema('status',
                                       self.good('status', '--json', '--debugfs', debugfs.root))
        self.assertEqual([cpu['state'] for cpu in document['cpus']], ['linux', 'running'])
        self.assertEqual(document['guests'][0]['vm'], 3)
        self.assertIsNone(document['guests'][0]['name'])
        self.assertRegex(self.good('status', '--debugfs', debugfs.root), r'1 +running +vm3/0')


@unittest.skipUnless(has_kvm(), 'this host has no /dev/kvm that we may use')
class GuestTest(ToolTest):
    """Guests on this host's KVM."""

    def is_there(self, name):
        return any(one['name'] == name for one in
                   json.loads(self.good('ps', '--json'))['guests'])

    def spinner(self, name='spinner'):
        process = self.start('run', *KVM, '--name', name, guest('spin.bin'))
        self.assertTrue(wait_until(lambda: self.is_there(name)))
        return process

    def test_a_guest_is_listed_and_stopped(self):
        process = self.spinner()
        document = self.matches_schema('ps', self.good('ps', '--json'))
        self.assertEqual(document['guests'][0]['pid'], process.pid)
        self.assertRegex(self.good('ps'), rf'spinner +{process.pid} ')
        self.good('stop', 'spinner')
        self.assertEqual(process.wait(10), 143)
        self.assertFalse(self.is_there('spinner'))

    def test_its_socket_is_for_its_owner_alone(self):
        self.spinner()
        self.assertEqual(stat.S_IMODE(os.stat(self.path('run')).st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(os.stat(self.path('run/spinner.sock')).st_mode), 0o600)

    def test_names(self):
        first = self.start('run', *KVM, guest('spin.bin'))
        self.assertTrue(wait_until(lambda: self.is_there('spin')))
        self.start('run', *KVM, guest('spin.bin'))
        self.assertTrue(wait_until(lambda: self.is_there('spin-2')))
        self.refused('run', *KVM, '--name', 'spin', guest('spin.bin'), text='already')
        # A socket that a killed guest has left is no guest, and its name can be had again.
        first.kill()
        first.wait()
        self.assertTrue(os.path.exists(self.path('run/spin.sock')))
        self.assertFalse(self.is_there('spin'))
        self.spinner('spin')
        stopped = self.matches_schema('stop', self.good('stop', '--all', '--json'))['stopped']
        self.assertEqual(sorted(stopped), ['spin', 'spin-2'])
        self.assertEqual(json.loads(self.good('ps', '--json')), {'guests': []})

    def test_interrupts_reach_a_guest_that_waits(self):
        process = self.start('run', *KVM, '--halt', 'wait', '--json', guest('waiting.bin'))
        self.assertTrue(wait_until(lambda: self.is_there('waiting')))
        for event in (['irq', '0x21'], ['nmi'], ['irq', '33'], ['irq', '0x21']):
            self.matches_schema('inject', self.good('inject', 'waiting', *event, '--json'))
        out, _ = process.communicate(timeout=20)
        report = self.matches_schema('run', out)
        self.assertEqual(report['status'], 5)
        self.assertEqual(sorted(report['output']), sorted('IINI'))

    def test_control_c_ends_a_run(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = self.spinner()
            process.send_signal(number)
            self.assertEqual(process.wait(10), status)

    def test_control_c_in_a_terminal(self):
        terminal = Terminal(self, 80, 24, ' '.join([RMGUEST, 'run', *KVM, guest('spin.bin')]))
        self.assertTrue(terminal.shows('spinning'))
        terminal.keys('C-c')
        self.assertTrue(terminal.shows('[status 130]'))
        self.assertIn('stopped by a signal', terminal.screen())

    def test_a_reader_that_goes_away_ends_the_run(self):
        image = self.path('endless.bin')
        with open(image, 'wb') as file:
            file.write(ENDLESS_GUEST)
        shell = subprocess.run(
            ['bash', '-c', f'{RMGUEST} run {" ".join(KVM)} {image} | head -c 9; '
             'echo " ${PIPESTATUS[0]}"'],
            capture_output=True, text=True, check=True, env=self.environment, timeout=60)
        self.assertIn(shell.stdout, ('AAAAAAAAA 125\n', 'AAAAAAAAA 141\n'), shell.stderr)

    def test_two_vcpus(self):
        process = self.start('run', *KVM, '--vcpus', '2', '--name', 'two', guest('spin.bin'))
        self.assertTrue(wait_until(lambda: self.is_there('two')))
        vcpus = json.loads(self.good('ps', '--json'))['guests'][0]['vcpus']
        self.assertEqual([vcpu['id'] for vcpu in vcpus], [0, 1])
        self.good('stop', 'two')
        self.assertEqual(process.wait(10), 143)

    def test_init_and_sipi_start_a_vcpu(self):
        image = self.path('start.bin')
        with open(image, 'wb') as file:
            file.write(STARTED_GUEST)
        process = self.start('run', *KVM, '--vcpus', '2', image)
        self.assertTrue(wait_until(lambda: self.is_there('start')))
        self.good('inject', 'start', 'init', '--vcpu', '1')
        self.good('inject', 'start', 'sipi', '8', '--vcpu', '1')
        out, _ = process.communicate(timeout=20)
        self.assertEqual((process.returncode, out), (7, 'A'))

    def test_bad_choices_of_cpus(self):
        for arguments in (['--cpus', '1,1'], ['--cpus', '3-1'], ['--vcpus', '0'],
                          ['--vcpus', '17'], ['--cpus', '1', '--vcpus', '2'], ['--cpus', '1'],
                          ['--halt', 'never'], ['--name', 'a/b']):
            with self.subTest(arguments=arguments):
                self.refused('run', *KVM, *arguments, guest('hello.bin'), text='rmguest: ')


# Prints A for ever.
ENDLESS_GUEST = bytes.fromhex('b041e6e9ebfc')
# vCPU 0 halts for ever; at 0800:0000 is what prints A and ends the run with status 7.
STARTED_GUEST = bytes.fromhex('f4ebfd').ljust(0x400, b'\0') + bytes.fromhex('b041e6e9b007e6f4')
