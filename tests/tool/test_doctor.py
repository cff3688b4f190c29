# SPDX-License-Identifier: GPL-2.0-only
"""rmguest doctor: this host, and machines that are made up."""

import json
import os

from common import Terminal, ToolTest, RMGUEST

CPU = ('vendor_id\t: GenuineIntel\nmodel name\t: Some CPU\nflags\t\t: vmx ept vpid\n'
       'vmx flags\t: vnmi preemption_timer unrestricted_guest\n\n')


class DoctorTest(ToolTest):
    """A Linux in a folder."""

    def setUp(self):
        super().setUp()
        self.write('proc/cpuinfo', ''.join(f'processor\t: {n}\n{CPU}' for n in range(3)))
        self.write('proc/sys/kernel/osrelease', '6.1.0-1-amd64\n')
        self.write('sys/devices/system/cpu/cpu2/online', '1\n')

    def write(self, name, text):
        path = self.path(os.path.join('root', name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)

    def doctor(self, *arguments, status=0):
        return self.good('doctor', '--root', self.path('root'), *arguments, status=status)

    def test_a_good_machine(self):
        text = self.doctor()
        self.assertRegex(text, r'ok +VMX +CPU 0-2: yes')
        self.assertNotIn('blocks', text)
        self.assertIn('not all could be seen', text)  # the TRUE controls

    def test_what_blocks_has_a_cure_and_status_1(self):
        self.write('proc/modules', 'kvm_intel 1 2 - Live 0x0\n')
        text = self.doctor(status=1)
        self.assertRegex(text, r'blocks +KVM .*\n +-> .*modprobe -r kvm_intel')
        self.assertIn("can't be loaded here", text)

    def test_what_is_worth_knowing(self):
        def verdict(subject):
            found = [line.split() for line in self.doctor().splitlines()
                     if line.split()[1:2] == [subject]]
            return found[0][0] if found else None
        self.assertEqual([verdict(one) for one in ('hypervisor', 'isolation', 'IOMMU', 'debugfs')],
                         ['ok', 'note', 'note', 'warning'])
        self.write('proc/cpuinfo', f'processor\t: 0\n{CPU}'.replace(': vmx', ': hypervisor vmx'))
        self.write('sys/devices/system/cpu/isolated', '1\n')
        self.write('sys/class/iommu/dmar0/name', 'dmar0\n')
        self.write('proc/self/mounts', 'debugfs /sys/kernel/debug debugfs rw 0 0\n')
        self.assertEqual([verdict(one) for one in ('hypervisor', 'isolation', 'IOMMU', 'debugfs')],
                         ['note', 'note', 'ok', 'ok'])
        self.assertIn('isolated: 1', self.doctor())

    def test_json(self):
        document = self.matches_schema('doctor', self.doctor('--json'))
        self.assertTrue(document['usable'])
        self.assertEqual(len(document['cpus']), 3)
        self.write('proc/cpuinfo', 'processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t: fpu\n')
        document = self.matches_schema('doctor', self.doctor('--json', status=1))
        self.assertFalse(document['usable'])

    def test_this_host(self):
        done = self.run_tool('doctor', '--json')
        document = self.matches_schema('doctor', done.stdout)
        self.assertEqual(done.returncode, 0 if document['usable'] else 1)
        self.assertTrue(document['cpus'])

    def test_an_empty_root_says_what_it_misses(self):
        os.mkdir(self.path('empty'))
        done = self.run_tool('doctor', '--json', '--root', self.path('empty'))
        document = self.matches_schema('doctor', done.stdout)
        self.assertFalse(document['complete'])
        unseen = [row['subject'] for row in document['findings'] if row['verdict'] == 'unseen']
        self.assertLessEqual({'processor', 'kernel', 'lockdown'}, set(unseen))

    def test_a_root_that_there_is_not_is_refused(self):
        self.refused('doctor', '--root', self.path('nothing'), text='is no folder')

    def test_colour_on_a_terminal_only(self):
        terminal = Terminal(self, 100, 40, f'{RMGUEST} doctor --root {self.path("root")}')
        self.assertTrue(terminal.shows('[status 0]'))
        self.assertIn('\x1b[32m', terminal.screen(colours=True))
        self.assertNotIn('\x1b', self.doctor())
