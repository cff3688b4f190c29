# SPDX-License-Identifier: GPL-2.0-only
"""Small kernels out of Debian's kernel source package, which check themselves: built once, kept."""

import hashlib
import os
import subprocess
from dataclasses import dataclass

from . import cache
from .errors import LabError

_LAB = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
_FRAGMENTS = os.path.join(_LAB, 'kernel')
_BUILD = os.path.join(_LAB, '..', '..', 'scripts', 'build-debug-kernel')
SOURCE = 'linux-source-6.1'
_SAID = 10

# Name: the fragments of its configuration, and patches.
FRAGMENTS = {
    'debug-6.1': ('lab.config', 'debug.config', 'x2apic.config', 'x2apic.patch'),
    'kasan-6.1': ('lab.config', 'kasan.config'),
    'kunit-6.1': ('lab.config', 'kunit.config'),
}


@dataclass(frozen=True)
class DebugPackage:
    """What stands for the versioned package of a Debian kernel: a name and the source's version."""
    package: str
    version: str

    @property
    def release(self):
        """What `uname -r` says: the upstream version and our suffix."""
        return f"{self.version.rpartition('-')[0]}-{suffix_of(self.package)}"


def suffix_of(name):
    """The CONFIG_LOCALVERSION of a kernel, without its dash."""
    return f"rmvisor-{name.partition('-')[0]}"


def _paths(name):
    return [os.path.join(_FRAGMENTS, fragment) for fragment in FRAGMENTS[name]]


def _key(name, version):
    digest = hashlib.sha256()
    for path in (*_paths(name), _BUILD):
        with open(path, 'rb') as file:
            digest.update(file.read())
    return f'{name}_{version}_{digest.hexdigest()[:12]}'


def _build(name, tree, scratch):
    unpacked = os.path.join(scratch, 'package')
    cache.apt_get(['download', SOURCE], scratch)
    cache.unpack_all(scratch, unpacked)
    archive = os.path.join(unpacked, 'usr/src', f'{SOURCE}.tar.xz')
    result = subprocess.run([_BUILD, archive, tree, suffix_of(name), *_paths(name)],
                            capture_output=True, text=True, check=False)
    if result.returncode != 0:
        words = '\n'.join((result.stdout + result.stderr).splitlines()[-_SAID:])
        raise LabError(f'building the kernel {name} failed; its last words:\n{words}')


def is_built(package):
    """Whether fetch() needs no build."""
    return os.path.isdir(os.path.join(cache.directory('kernels'),
                                      _key(package.package, package.version)))


def fetch(package, say):
    """The directory of the kernel, built first when the cache does not have it."""
    name = package.package

    def fill(tree, scratch):
        say(f'building the kernel {name} from {SOURCE} {package.version}: five to ten minutes')
        _build(name, tree, scratch)

    return cache.kept('kernels', _key(name, package.version), fill)
