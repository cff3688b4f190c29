# SPDX-License-Identifier: GPL-2.0-only
"""Programs and files that the lab needs, and the Debian packages that have them."""

import os
import shutil

from .errors import LabError

PACKAGE_OF_TOOL = {
    'apt-cache': 'apt',
    'apt-get': 'apt',
    'bochs': 'bochs',
    'busybox': 'busybox-static',
    'dpkg-deb': 'dpkg',
    'ldd': 'libc-bin',
    'lz4': 'lz4',
    'nasm': 'nasm',
    'qemu-system-x86_64': 'qemu-system-x86',
    'setpriv': 'util-linux',
    'xorriso': 'xorriso',
    'xz': 'xz-utils',
    'zstd': 'zstd',
}

PACKAGE_OF_FILE = {
    '/usr/share/keyrings/debian-archive-keyring.gpg': 'debian-archive-keyring',
    '/usr/share/bochs/BIOS-bochs-latest': 'bochsbios',
    '/usr/share/bochs/VGABIOS-lgpl-latest': 'vgabios',
    '/usr/lib/ISOLINUX/isolinux.bin': 'isolinux',
    '/usr/lib/syslinux/modules/bios/ldlinux.c32': 'syslinux-common',
}


def tool(name):
    """The path of a program, or a LabError that names its package."""
    path = shutil.which(name)
    if path is None:
        package = PACKAGE_OF_TOOL[name]
        raise LabError(f"'{name}' is missing: install the Debian package {package} "
                       f'(apt-get install {package})')
    return path


def data_file(path):
    """A file that a package brings, or a LabError that names the package."""
    if not os.path.exists(path):
        package = PACKAGE_OF_FILE[path]
        raise LabError(f"'{path}' is missing: install the Debian package {package} "
                       f'(apt-get install {package})')
    return path
