# SPDX-License-Identifier: GPL-2.0-only
"""Parts of the initramfs, Debian's answers, modules, libraries, the shell's screen, waiting."""

import subprocess
import unittest
from unittest import mock

from rmlab import LabError, debian, kmod, libraries
from rmlab.clock import Clock
from rmlab.console import Console
from rmlab.cpio import Archive
from rmlab.shell import Screen


class CpioTest(unittest.TestCase):
    def test_layout(self):
        archive = Archive()
        archive.file('lab/script', b'exit 0\n', 0o755)
        data = archive.bytes()
        self.assertEqual(len(data) % 4, 0)
        self.assertEqual(data[:6], b'070701')
        self.assertIn(b'lab\0', data)
        self.assertLess(data.index(b'lab\0'), data.index(b'lab/script\0'))
        self.assertIn(b'TRAILER!!!', data)

    def test_busybox_reads_it(self):
        archive = Archive()
        archive.file('a/b/c', b'x' * 5)
        archive.link('a/l', 'b/c')
        listing = subprocess.run(['busybox', 'cpio', '-t'], input=archive.bytes(),
                                 capture_output=True, check=True).stdout
        self.assertEqual(listing.split(), [b'a', b'a/b', b'a/b/c', b'a/l'])


class DebianTest(unittest.TestCase):
    SHOW = ('Package: linux-image-cloud-amd64\nVersion: 6.1.192-2\n'
            'Depends: linux-image-6.1.0-56-cloud-amd64 (= 6.1.192-2), kmod\n\n'
            'Package: linux-image-cloud-amd64\nVersion: 6.1.176-1\n')

    def test_show(self):
        self.assertEqual(debian.parse_show(self.SHOW), (
            '6.1.192-2', {'linux-image-6.1.0-56-cloud-amd64': '6.1.192-2', 'kmod': ''}))
        self.assertIsNone(debian.parse_show(''))

    def test_release(self):
        for package, release in (
                ('linux-image-6.1.0-56-cloud-amd64', '6.1.0-56-cloud-amd64'),
                ('linux-image-6.1.0-56-rt-amd64-unsigned', '6.1.0-56-rt-amd64'),
                ('linux-image-6.12.117+deb12-amd64', '6.12.117+deb12-amd64')):
            self.assertEqual(debian.KernelPackage(package, '1').release, release)

    def test_unknown_name(self):
        with self.assertRaisesRegex(LabError, '6.1-cloud'):
            debian._ask_apt('7.0')

    def test_cache_answers_when_apt_does_not(self):
        names = ['linux-image-6.1.0-9-cloud-amd64_6.1.20-1', '.linux-image.lock',
                 'linux-image-6.1.0-56-cloud-amd64_6.1.192-2',
                 'linux-image-6.1.0-60-amd64_6.1.200-1',
                 'linux-image-6.12.117+deb12-cloud-amd64_6.12.117-1~deb12u1']
        with mock.patch('os.listdir', return_value=names), \
                mock.patch('os.path.isdir', return_value=True):
            self.assertEqual(debian._newest_cached('6.1-cloud').version, '6.1.192-2')
            self.assertEqual(debian._newest_cached('6.12-cloud').release,
                             '6.12.117+deb12-cloud-amd64')
            self.assertEqual(debian._newest_cached('6.1.0-60-amd64').version, '6.1.200-1')
            with self.assertRaisesRegex(LabError, 'apt-get update'):
                debian._newest_cached('6.1-rt')


class ModuleTest(unittest.TestCase):
    FILES = {'kvm-intel.ko': b'\0depends=kvm\0', 'kvm.ko': b'\0depends=irqbypass\0',
             'irqbypass.ko': b'\0depends=\0'}

    def test_load_order(self):
        modules = {name[:-3].replace('-', '_'): name for name in self.FILES}
        with mock.patch.object(kmod, 'read_module', self.FILES.get):
            names = [name for name, _ in kmod.closure(['kvm-intel'], modules)]
            self.assertEqual(names, ['irqbypass', 'kvm', 'kvm_intel'])
            with self.assertRaisesRegex(LabError, 'nosuch'):
                kmod.closure(['nosuch'], modules)

    def test_only_what_a_module_needs(self):
        found = list({'msr': b'\0depends=\0', 'irqbypass': b'\0depends=\0',
                      'kvm': b'\0depends=irqbypass\0',
                      'kvm_intel': b'\0depends=kvm\0'}.items())
        self.assertEqual(kmod.needed('kvm_intel', found), ['irqbypass', 'kvm'])
        self.assertEqual(kmod.needed('msr', found), [])

    def test_signature_is_cut_off(self):
        signed = (b'\x7fELF body' + b's' * 9 + bytes(8) + (9).to_bytes(4, 'big')
                  + b'~Module signature appended~\n')
        self.assertEqual(kmod.unsigned(signed), b'\x7fELF body')
        self.assertEqual(kmod.unsigned(b'\x7fELF body'), b'\x7fELF body')


class LibraryTest(unittest.TestCase):
    def test_ldd(self):
        text = ('\tlinux-vdso.so.1 (0x00007ffd)\n\tlibelf.so.1 => /lib/libelf.so.1 (0x00007f)\n'
                '\tlibx.so => not found\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n')
        self.assertEqual(libraries.parse_ldd(text),
                         (['/lib/libelf.so.1', '/lib64/ld-linux-x86-64.so.2'], ['libx.so']))


class ScreenTest(unittest.TestCase):
    def test_markers_are_hidden_and_keys_are_not_delayed(self):
        shown = []
        screen = Screen(shown.append)
        screen.feed(b'lab # L')
        self.assertEqual(b''.join(shown), b'lab # L')
        screen.feed(b'S\r\nLA')
        self.assertEqual(b''.join(shown), b'lab # LS\r\n')
        screen.feed(b'B-EXIT 0 0\r\nLAX\r\n')
        self.assertEqual(b''.join(shown), b'lab # LS\r\nLAX\r\n')


class ClockTest(unittest.TestCase):
    NONCE = '0123456789ab'

    def setUp(self):
        self.elapsed = 0
        self.wall = 0
        self.console = Console(self.NONCE)

    def clock(self, timeout):
        return Clock(timeout, lambda: self.elapsed, lambda: self.wall)

    def feed(self, *markers):
        self.console.feed(''.join(f'LAB-{marker}\n' for marker in markers).encode())

    def test_limit(self):
        clock = self.clock(100)
        self.elapsed = 100
        self.assertIsNone(clock.expired(self.console))
        self.elapsed = 101
        self.assertIn('no end within 100 s, still booting', clock.expired(self.console))

    def test_a_loaded_host_has_more_time_but_not_for_ever(self):
        clock = self.clock(100)
        self.elapsed, self.wall = 90, 400
        self.assertIsNone(clock.expired(self.console))
        self.wall = 501
        self.assertIn('no end', clock.expired(self.console))

    def test_machine_that_does_not_switch_off(self):
        clock = self.clock(1000)
        self.feed(f'BEGIN {self.NONCE} r', f'EXIT {self.NONCE} 0', f'END {self.NONCE}')
        self.assertIsNone(clock.expired(self.console))
        self.elapsed = 31
        self.assertIn('switch off', clock.expired(self.console))

    def test_a_panic_ends_it_soon_and_without_a_reason_of_our_own(self):
        clock = self.clock(1000)
        self.console.feed_kernel(b'[    3.416195] Kernel panic - not syncing: x\n')
        self.assertIsNone(clock.expired(self.console))
        self.elapsed = 11
        self.assertEqual(clock.expired(self.console), '')

    def test_a_panic_ends_it_at_once_when_all_of_it_is_out(self):
        self.console.feed_kernel(b'[    3.4] Kernel panic - not syncing: x\n'
                                 b'[    3.416195] ---[ end Kernel panic - not syncing: x ]---\n')
        self.assertEqual(self.clock(1000).expired(self.console), '')

    def test_reset(self):
        self.feed(f'BEGIN {self.NONCE} r', f'BEGIN {self.NONCE} r')
        self.assertIn('reset', self.clock(1000).expired(self.console))

    def test_wanted_reboot(self):
        clock = self.clock(1000)
        self.feed(f'BEGIN {self.NONCE} r', f'EXIT {self.NONCE} 0', f'REBOOT {self.NONCE}',
                  f'END {self.NONCE}')
        self.elapsed = 31
        self.assertIsNone(clock.expired(self.console))
        self.feed(f'BEGIN {self.NONCE} r')
        self.assertEqual(clock.expired(self.console), '')


if __name__ == '__main__':
    unittest.main()
