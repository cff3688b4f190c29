# SPDX-License-Identifier: GPL-2.0-only
"""Compiles one changed source, links it into the unit suites that concern it, and runs them."""

import enum
import glob
import hashlib
import os
import shutil
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
UNIT = os.path.join(TOP, 'tests', 'unit')
SUITES = ('apic', 'entry_check', 'ept', 'fuzz', 'linux', 'rm_guest', 'texts', 'trace', 'x86')
# The suites that can kill a mutant, by the longest folder or file that fits; others don't reach it.
CONCERNED = {
    'kmod/x86': ('x86', 'ept', 'linux', 'rm_guest'),
    'kmod/vmx': ('linux', 'rm_guest', 'texts', 'entry_check'),
    'kmod/vmx/entry_check': ('entry_check', 'linux', 'texts'),
    'kmod/vmx/root_map': ('ept', 'linux'),
    'kmod/vmx/trace': ('trace', 'linux', 'rm_guest', 'fuzz'),
    'kmod/ept': ('ept', 'linux'),
    'kmod/exit': ('linux', 'rm_guest', 'texts', 'fuzz'),
    'kmod/rm_guest': ('rm_guest', 'fuzz'),
    'kmod/rm_guest/apic': ('apic', 'rm_guest', 'fuzz'),
    'kmod/visor': ('linux', 'rm_guest'),
}
_RUN_SECONDS = 30
# Each mutant is compiled once and never again: a cache of objects would only fill up, debug
# information would cost as much as the code, and ld.bfd more than most suites take to run.
_UNCACHED = {**os.environ, 'CCACHE_DISABLE': '1'}
_LINKER = ['-fuse-ld=lld'] if shutil.which('ld.lld') else []


class Verdict(enum.Enum):
    killed = 'killed'
    survived = 'survived'
    same = 'same code'       # the compiler makes the same object of it: no mutant
    invalid = 'not compiled'  # no mutant either


def concerned(path):
    best = max((prefix for prefix in CONCERNED if path.startswith(prefix)), key=len)
    return CONCERNED[best]


class Runner:
    """`folder` has the unmutated build (make PLAIN=1)."""

    def __init__(self, folder, work):
        self._folder, self._work = folder, work
        os.makedirs(work, exist_ok=True)
        flags = subprocess.run(['make', '-s', '-C', UNIT, 'PLAIN=1', 'flags'], check=True,
                               capture_output=True, text=True)
        self._flags = [*flags.stdout.split(), '-g0']

    def _compile(self, path, text, output):
        source = os.path.join(self._work, os.path.basename(path))
        with open(source, 'w', encoding='utf-8') as file:
            file.write(text)
        done = subprocess.run(['g++', *self._flags, '-I', os.path.join(TOP, os.path.dirname(path)),
                               '-c', '-o', output, source], cwd=UNIT, env=_UNCACHED,
                              capture_output=True, check=False)
        return done.returncode == 0

    @staticmethod
    def _hash(path):
        with open(path, 'rb') as file:
            return hashlib.sha256(file.read()).digest()

    def _link(self, suite, mutated, program):
        # The mutant comes first, so nobody asks the library for what it replaces.
        tests = glob.glob(os.path.join(self._folder, 'tests', suite, '**', '*.o'), recursive=True)
        library = os.path.join(self._folder, 'libvisor.a')
        return subprocess.run(['g++', *_LINKER, '-o', program, *tests, mutated, library,
                               '-lgtest_main', '-lgtest', '-pthread'], capture_output=True,
                              check=False).returncode == 0

    def baseline(self, path):
        """The hash of what the unchanged source compiles to, here."""
        output = os.path.join(self._work, 'mutant.o')
        with open(os.path.join(TOP, path), encoding='utf-8') as file:
            if not self._compile(path, file.read(), output):
                raise RuntimeError(f'{path} does not compile')
        return self._hash(output)

    def run(self, mutant, text, baseline):
        """(Verdict, the suite that killed it)."""
        lines = text.splitlines()
        lines[mutant.line - 1] = mutant.after
        output = os.path.join(self._work, 'mutant.o')
        if not self._compile(mutant.path, '\n'.join(lines) + '\n', output):
            return Verdict.invalid, ''
        if self._hash(output) == baseline:
            return Verdict.same, ''
        program = os.path.join(self._work, 'program')
        for suite in concerned(mutant.path):
            if not self._link(suite, output, program):
                return Verdict.invalid, ''
            try:
                done = subprocess.run([program, '--gtest_brief=1', '--gtest_fail_fast'],
                                      cwd=UNIT, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL,
                                      timeout=_RUN_SECONDS, check=False)
            except subprocess.TimeoutExpired:
                return Verdict.killed, f'{suite} (no end)'
            if done.returncode != 0:
                return Verdict.killed, suite
        return Verdict.survived, ''
