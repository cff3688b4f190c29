# SPDX-License-Identifier: GPL-2.0-only
"""Debian 13's Bochs 3.0 on Debian 12, out of the cache and beside the system.

Its package wants a newer C library than Debian 12 has, so it brings its own along with the loader
that fits; the other libraries (GTK, readline, ...) are those of the installed Bochs 2.7. Nothing
is installed: apt works on lists and a state of its own.
"""

import os
from dataclasses import dataclass

from . import cache
from .tools import data_file, tool

_PACKAGES = ('bochs', 'bochsbios', 'libc6', 'libstdc++6', 'libgcc-s1')
_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
_SOURCE = f'deb [signed-by={_KEYRING}] http://deb.debian.org/debian trixie main\n'
_HOST_LIBRARIES = '/usr/lib/x86_64-linux-gnu'
_APT_CONFIG = '''\
Dir::Etc::SourceList "{root}/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State "{root}/state";
Dir::State::Status "{root}/status";
Dir::Cache "{root}/cache";
Acquire::Languages "none";
'''


@dataclass(frozen=True)
class Bochs3:
    """How to start it."""
    command: list
    bios: str
    environment: dict


def _write(path, text):
    with open(path, 'w', encoding='ascii') as file:
        file.write(text)
    return path


def _fill(tree, downloads, say):
    data_file(_KEYRING)
    root = os.path.join(downloads, 'apt')
    for part in ('state/lists/partial', 'cache/archives/partial'):
        os.makedirs(os.path.join(root, part))
    _write(os.path.join(root, 'sources.list'), _SOURCE)
    _write(os.path.join(root, 'status'), '')
    config = _write(os.path.join(root, 'apt.conf'), _APT_CONFIG.format(root=root))
    say("downloading Bochs 3.0 from Debian 13")
    cache.apt_get(['update'], downloads, {'APT_CONFIG': config})
    cache.apt_get(['download', *_PACKAGES], downloads, {'APT_CONFIG': config})
    cache.unpack_all(downloads, tree)


def fetch(say=lambda text: None):
    """Bochs 3.0, downloaded first when the cache does not have it."""
    tool('bochs')  # for the libraries that come with it
    tree = cache.kept('emulators', 'bochs-3.0', lambda path, scratch: _fill(path, scratch, say))
    libraries = os.path.join(tree, 'usr/lib/x86_64-linux-gnu')
    command = [os.path.join(libraries, 'ld-linux-x86-64.so.2'), '--library-path',
               f'{libraries}:{_HOST_LIBRARIES}', os.path.join(tree, 'usr/bin/bochs-bin')]
    return Bochs3(command, os.path.join(tree, 'usr/share/bochs/BIOS-bochs-latest'),
                  {'LTDL_LIBRARY_PATH': os.path.join(libraries, 'bochs/plugins')})
