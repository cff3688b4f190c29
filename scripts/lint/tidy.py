# SPDX-License-Identifier: GPL-2.0-only
"""clang-tidy, which takes seconds for a file: one that was clean is looked at again when it, a
header of it, or what it is checked for has changed. build/lint/tidy remembers."""

import concurrent.futures
import functools
import hashlib
import json
import os
import re
import subprocess

from . import source

_FLAGS = (
    # The build with forced failures is the one that has every line.
    (('kmod/*.cpp',), ('-std=gnu++20', '-ffreestanding', '-Ikmod', '-Iinclude/uapi',
                       '-DRMVISOR_FAULT_INJECTION')),
    (('user/*.cpp',), ('-std=c++20', '-Iuser', '-Iinclude/uapi', '-Ikmod',
                       '-DRMGUEST_VERSION=""')),
)
_KEPT = os.path.join(source.TOP, 'build', 'lint', 'tidy')


def _output(*command):
    return subprocess.run(command, cwd=source.TOP, text=True, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


@functools.cache
def _hash(path):
    """None for a file that is gone."""
    try:
        with open(os.path.join(source.TOP, path), 'rb') as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return None


@functools.cache
def _checks():
    """What is asked, and who answers."""
    return [_hash('.clang-tidy'), _output('clang-tidy', '--version')]


def _headers(path, flags):
    """The file and all that it includes, the system's too."""
    return re.findall(r'[^\s\\:]+\.\w+|/usr/[^\s\\]+',
                      _output('g++', *flags, '-M', '-MT', 'it', path).partition(':')[2])


class _Memory:
    """That a file was clean, and of what it was made then."""

    def __init__(self, path, flags):
        self._name = os.path.join(_KEPT, path.replace('/', '-') + '.json')
        self._path, self._flags = path, flags

    def is_clean(self):
        try:
            with open(self._name, encoding='utf-8') as file:
                then = json.load(file)
        except (OSError, ValueError):
            return False
        return then['checks'] == [*_checks(), *self._flags] and \
            all(_hash(path) == was for path, was in then['files'].items())

    def keep(self):
        files = {path: _hash(path) for path in _headers(self._path, self._flags)}
        if self._path not in files:
            return
        os.makedirs(_KEPT, exist_ok=True)
        with open(self._name, 'w', encoding='utf-8') as file:
            json.dump({'checks': [*_checks(), *self._flags], 'files': files}, file)


def _findings(path, flags):
    """One file's."""
    memory = _Memory(path, flags)
    if memory.is_clean():
        return []
    done = subprocess.run(['clang-tidy', '--quiet', path, '--', *flags, '-Wno-everything'],
                          cwd=source.TOP, text=True, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    found = [line for line in done.stdout.splitlines() if ': error:' in line or
             ': warning:' in line]
    if done.returncode and not found:
        found = [f'{path}: clang-tidy failed: {line}' for line in
                 (done.stderr.splitlines() or ['no word'])[-3:]]
    if not found:
        memory.keep()
    return found


def findings():
    """All of the tree's; one process for each CPU."""
    work = [(path, flags) for patterns, flags in _FLAGS for path in source.files(*patterns)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        each = pool.map(lambda one: _findings(*one), work)
        return sorted({line for found in each for line in found})
