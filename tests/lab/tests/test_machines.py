# SPDX-License-Identifier: GPL-2.0-only
"""What the machines are told."""

import dataclasses
import unittest
from unittest import mock

from rmlab import LabError, Spec, iso, machines
from rmlab.machines import bochs, qemu
from rmlab.machines.base import Inputs

INPUTS = Inputs('/run', '/k/vmlinuz', '/run/initrd.cpio', 'quiet', '/run/script', '/run/kernel',
                False)
TERMINAL = dataclasses.replace(INPUTS, serial='/dev/pts/3', interactive=True)


class BochsTest(unittest.TestCase):
    def test_config(self):
        spec = Spec(cpus=4, memory=1024, cpu_model='broadwell_ult')
        text = bochs.render_config(spec, INPUTS, '/run/lab.iso', '/run/log')
        for line in ('megs: 1024', 'com1: enabled=1, mode=file, dev="/run/script"',
                     'com2: enabled=1, mode=file, dev="/run/kernel"',
                     'ata1-master: type=cdrom, path="/run/lab.iso", status=inserted'):
            self.assertIn(line, text.splitlines())
        self.assertIn('cpu: model=broadwell_ult, count=1:4:1,', text)

    def test_default_model_and_terminal(self):
        text = bochs.render_config(Spec(), TERMINAL, '/i', '/l')
        self.assertIn('model=corei7_haswell_4770, count=1:2:1', text)
        self.assertIn('mode=term, dev="/dev/pts/3"', text)

    def test_features_taken_away(self):
        spec = Spec(without=['mwait', 'rdrand'])
        self.assertIn(', exclude_features="mwait rdrand"\n',
                      bochs.render_config(spec, INPUTS, '/i', '/l'))
        self.assertIn('max,-mwait,-rdrand', qemu.arguments(spec, INPUTS, accelerated=False))
        self.assertNotIn('exclude', bochs.render_config(Spec(), INPUTS, '/i', '/l'))

    def test_models(self):
        text = '000i[ ] LTDL\nSupported CPU models:\n\nbx_generic\nbroadwell_ult\n\n=====\n'
        self.assertEqual(bochs.parse_models(text), ['bx_generic', 'broadwell_ult'])


class QemuTest(unittest.TestCase):
    def test_arguments(self):
        words = qemu.arguments(Spec(cpus=2), INPUTS, accelerated=False)
        self.assertIn('max', words)
        self.assertIn('tcg', words)
        self.assertIn('file,id=com1,path=/run/script', words)
        self.assertIn('file,id=com2,path=/run/kernel', words)
        self.assertIn('serial,id=com1,path=/dev/pts/3', qemu.arguments(Spec(), TERMINAL, False))
        self.assertIn('host', qemu.arguments(Spec(), INPUTS, accelerated=True))

    def test_kvm_without_nesting_says_why(self):
        with mock.patch.object(qemu, 'nested_vmx_reason', return_value='no /dev/kvm'):
            with self.assertRaisesRegex(LabError, 'no /dev/kvm'):
                qemu.prepare_kvm(Spec(), INPUTS, print)


class ChooseTest(unittest.TestCase):
    def test_auto(self):
        said = []
        with mock.patch.object(qemu, 'nested_vmx_reason', return_value='no /dev/kvm'):
            self.assertEqual(machines.choose('auto', said.append), 'bochs')
            self.assertEqual(machines.choose('auto3', said.append), 'bochs3')
        self.assertEqual(said, ['machine bochs: no /dev/kvm', 'machine bochs3: no /dev/kvm'])
        with mock.patch.object(qemu, 'nested_vmx_reason', return_value=None):
            for name in ('auto', 'auto3'):
                self.assertEqual(machines.choose(name, said.append), 'qemu-kvm')

    def test_named(self):
        self.assertEqual(machines.choose('qemu-tcg', lambda text: None), 'qemu-tcg')
        with self.assertRaises(LabError):
            machines.choose('vax', lambda text: None)


class IsoTest(unittest.TestCase):
    def test_config(self):
        self.assertIn('  APPEND initrd=/initrd quiet debug\n', iso.render_config('quiet debug'))


if __name__ == '__main__':
    unittest.main()
