# SPDX-License-Identifier: GPL-2.0-only
"""Downloads that are kept, whole or not at all, and safe with several labs at once."""

import fcntl
import os
import shutil
import subprocess
import tempfile

from .errors import LabError
from .tools import tool


def directory(kind):
    """The cache for one kind of download."""
    base = os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')
    return os.path.join(base, 'rmvisor', kind)


def kept(kind, name, fill):
    """The path of the directory `name`; if there is none, fill(path, scratch) makes it first.

    `fill` gets a path to create and an empty scratch directory beside it. Another lab that wants
    the same waits, and nobody ever sees a half-made directory.
    """
    root = directory(kind)
    os.makedirs(root, exist_ok=True)
    target = os.path.join(root, name)
    if os.path.isdir(target):
        return target
    with open(os.path.join(root, f'.{name}.lock'), 'w', encoding='ascii') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(target):
            _make(root, target, fill)
    return target


def _make(root, target, fill):
    scratch = tempfile.mkdtemp(prefix='.new-', dir=root)
    try:
        tree = os.path.join(scratch, 'tree')
        downloads = os.path.join(scratch, 'downloads')
        os.mkdir(downloads)
        fill(tree, downloads)
        os.rename(tree, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def apt_get(arguments, cwd, environment=None):
    """Run apt-get, or raise a LabError with its last words."""
    command = [tool('apt-get'), '-q', *arguments]
    if os.geteuid() == 0:  # apt's sandbox user could not write into our directory
        command[1:1] = ['-o', 'APT::Sandbox::User=root']
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False,
                            env={**os.environ, **(environment or {})})
    if result.returncode != 0:
        words = (result.stderr or result.stdout).strip().splitlines() or ['no reason given']
        raise LabError(f"apt-get {' '.join(arguments)} failed: {words[-1]}; check the network and "
                       "run 'apt-get update'")


def unpack(deb, tree):
    """Unpack one Debian package into `tree`."""
    result = subprocess.run([tool('dpkg-deb'), '-x', deb, tree], capture_output=True, text=True,
                            check=False)
    if result.returncode != 0:
        raise LabError(f'unpacking {deb} failed: {result.stderr.strip()}')


def unpack_all(downloads, tree):
    """Unpack every Debian package of a directory into `tree`."""
    debs = sorted(name for name in os.listdir(downloads) if name.endswith('.deb'))
    if not debs:
        raise LabError(f'apt-get left no package in {downloads}')
    for deb in debs:
        unpack(os.path.join(downloads, deb), tree)
