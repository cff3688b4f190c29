# SPDX-License-Identifier: GPL-2.0-only
"""A bootable CD with one kernel and one initramfs, for machines that cannot load them."""

import os
import shutil
import subprocess

from .errors import LabError
from .tools import data_file, tool

_DATE = '2023111422132000'
_BOOT_FILES = ('/usr/lib/ISOLINUX/isolinux.bin', '/usr/lib/syslinux/modules/bios/ldlinux.c32')


def render_config(arguments):
    """isolinux.cfg that boots at once."""
    return ('DEFAULT lab\nPROMPT 0\nTIMEOUT 0\nLABEL lab\n'
            f'  KERNEL /kernel\n  APPEND initrd=/initrd {arguments}\n')


def build(directory, image, initramfs, arguments):
    """Write the ISO into `directory` and return its path."""
    tree = os.path.join(directory, 'cd')
    os.mkdir(tree)
    for source in _BOOT_FILES:
        shutil.copy(data_file(source), tree)
    shutil.copy(image, os.path.join(tree, 'kernel'))
    shutil.copy(initramfs, os.path.join(tree, 'initrd'))
    with open(os.path.join(tree, 'isolinux.cfg'), 'w', encoding='ascii') as file:
        file.write(render_config(arguments))
    iso = os.path.join(directory, 'lab.iso')
    # Fixed dates: the same run has the same CD, and repeats exactly where the emulator can.
    command = [tool('xorriso'), '-as', 'mkisofs', '-quiet', '--modification-date=' + _DATE,
               '--set_all_file_dates', _DATE, '-o', iso, '-b', 'isolinux.bin',
               '-c', 'boot.cat', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table', tree]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        words = result.stderr.strip().splitlines() or [f'xorriso exited with {result.returncode}']
        raise LabError(f'building the boot CD failed: {words[-1]}')
    shutil.rmtree(tree)
    return iso
