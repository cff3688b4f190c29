# SPDX-License-Identifier: GPL-2.0-only
"""The initramfs: busybox, our init, the script, and the files that a run asks for."""

import gzip
import hashlib
import os
import stat
import subprocess
from dataclasses import dataclass

from . import kmod, patterns
from .cpio import Archive
from .errors import LabError
from .libraries import libraries
from .tools import tool

_DIRECTORIES = ('proc', 'sys', 'dev', 'tmp', 'root', 'etc', 'sbin', 'usr/bin', 'usr/sbin', 'lab')
_GUEST = os.path.join(os.path.dirname(__file__), 'guest')


@dataclass(frozen=True)
class Initramfs:
    """The archive, and the word that makes this run's marker lines its own."""
    data: bytes
    nonce: str


def _read(path, option):
    try:
        with open(path, 'rb') as file:
            return file.read()
    except OSError as error:
        raise LabError(f'{option} {path}: {error.strerror}') from error


def _add_busybox(archive):
    path = tool('busybox')
    if libraries(path):
        raise LabError('busybox is not static: install the Debian package busybox-static')
    applets = subprocess.run([path, '--list'], capture_output=True, text=True, check=True).stdout
    archive.file('bin/busybox', _read(path, 'busybox'), 0o755)
    for applet in applets.split():
        if applet != 'busybox':
            archive.link(f'bin/{applet}', 'busybox')


def _add_tree(archive, file):
    if not os.path.isdir(file.source):
        data = _read(file.source, '--file')
        archive.file(file.target, data, file.mode or stat.S_IMODE(os.stat(file.source).st_mode))
        return
    for directory, _, names in sorted(os.walk(file.source)):
        relative = os.path.relpath(directory, file.source)
        target = os.path.normpath(os.path.join(file.target, relative))
        for name in sorted(names):
            path = os.path.join(directory, name)
            mode = file.mode or stat.S_IMODE(os.stat(path).st_mode)
            archive.file(os.path.join(target, name), _read(path, '--file'), mode)


def _add_binaries(archive, binaries):
    brought = set()
    for binary in binaries:
        archive.file(f'usr/bin/{os.path.basename(binary)}', _read(binary, '--binary'), 0o755)
        for library in libraries(binary):
            if library not in brought:
                brought.add(library)
                archive.file(library, _read(library, '--binary'), 0o755)


def _add_modules(archive, spec, kernel):
    """Each module as /lab/modules/NAME.ko; /lab/modules/order lists them in load order, each with
    all that it needs, in that order too."""
    if not spec.modules:
        return
    found = kmod.closure(spec.modules, kmod.index(kernel.modules))
    for name, data in found:
        archive.file(f'lab/modules/{name}.ko', data)
    order = ''.join(' '.join([name, *kmod.needed(name, found)]) + '\n' for name, _ in found)
    archive.file('lab/modules/order', order.encode())


def _add_guest(archive):
    """Our own files; shellrc is read by the interactive shell only."""
    for name, target, mode in (('init', 'init', 0o755), ('lab-finish', 'bin/lab-finish', 0o755),
                               ('lab-insmod', 'bin/lab-insmod', 0o755),
                               ('shellrc', 'etc/shellrc', 0o644)):
        archive.file(target, _read(os.path.join(_GUEST, name), name), mode)


def build(spec, kernel, mode):
    """The initramfs of one run; `mode` is the line that tells init "run" or "shell ROWS COLUMNS".

    The nonce is a hash of the script and not a random number, so that the same run stays the
    same to the last tick in an emulator that is exactly repeatable.
    """
    script = _read(spec.script, '--script') if spec.script else b''
    nonce = hashlib.sha256(script + spec.name.encode()).hexdigest()[:12]
    archive = _filled(spec, kernel, mode, script, nonce)
    if spec.next_script:
        following = _filled(spec, kernel, 'run', _read(spec.next_script, '--next-script'), nonce)
        archive.file('lab/next/kernel', _read(kernel.image, 'kernel'))
        # Compressed: what starts it computes a checksum of every byte, in an emulator.
        archive.file('lab/next/initrd', gzip.compress(following.bytes(), 6, mtime=0))
    return Initramfs(archive.bytes(), nonce)


def _filled(spec, kernel, mode, script, nonce):
    """The archive of one kernel."""
    archive = Archive()
    for directory in _DIRECTORIES:
        archive.directory(directory)
    archive.character_device('dev/console', 5, 1)
    archive.character_device('dev/null', 1, 3, 0o666)
    _add_busybox(archive)
    _add_guest(archive)
    archive.file('lab/nonce', f'{nonce}\n'.encode())
    archive.file('lab/mode', f'{mode}\n'.encode())
    archive.file('lab/patterns', f'{patterns.KERNEL_COMPLAINT}\n'.encode())
    if script:
        archive.file('lab/script', _with_interpreter(script), 0o755)
    _add_modules(archive, spec, kernel)
    _add_binaries(archive, spec.binaries)
    for file in spec.files:
        _add_tree(archive, file)
    return archive


def _with_interpreter(script):
    """A script without a #! line still is a busybox sh script."""
    return script if script.startswith(b'#!') else b'#!/bin/sh\n' + script
