# SPDX-License-Identifier: GPL-2.0-only
"""Compiles one changed source, or all that includes a changed header, links that into the unit
suites that concern it, and runs them."""

import enum
import functools
import glob
import hashlib
import os
import re
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
    'kmod/shim': ('trace', 'fuzz'),
}
# A header is judged by compiling all that includes it; with more sources than this it costs too
# much.
WIDE = 16
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


def suites_of(path, folder):
    """The suites that can kill a mutant: a header's are also those of what includes it."""
    found = [concerned(path)]
    if path.endswith('.hpp'):
        found += [concerned(source) for source in includers(folder)[path]]
    return list(dict.fromkeys(suite for suites in found for suite in suites))


@functools.cache
def includers(folder):
    """{header: the visor's sources that include it}, of what make wrote down in `folder`."""
    found = {}
    for depends in sorted(glob.glob(os.path.join(folder, 'visor', '**', '*.d'), recursive=True)):
        with open(depends, encoding='utf-8') as file:
            paths = re.findall(r'kmod/[\w/]+\.[ch]pp\b', file.read().partition('\n\n')[0])
        source = next(path for path in paths if path.endswith('.cpp'))
        for header in {path for path in paths if path.endswith('.hpp')}:
            found.setdefault(header, []).append(source)
    return found


class Runner:
    """`folder` has the unmutated build (make PLAIN=1)."""

    def __init__(self, folder, work):
        self._folder, self._work = folder, work
        os.makedirs(work, exist_ok=True)
        self._flags = {'g++': self._flags_of('flags'), 'gcc': self._flags_of('shim-flags')}

    @staticmethod
    def _flags_of(target):
        flags = subprocess.run(['make', '-s', '-C', UNIT, 'PLAIN=1', target], check=True,
                               capture_output=True, text=True)
        return [*flags.stdout.split(), '-g0']

    def _compile(self, compiler, folders, source, output):
        """Whether it compiles; `folders` come before all others."""
        before = [word for folder in folders for word in ('-I', folder)]
        done = subprocess.run([compiler, *before, *self._flags[compiler], '-c', '-o', output,
                               source], cwd=UNIT, env=_UNCACHED, capture_output=True, check=False)
        return done.returncode == 0

    def _write(self, name, text):
        path = os.path.join(self._work, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def _objects(self, path, text):
        """What is made of the file's text: [object], or None when something does not compile."""
        if path.endswith('.hpp'):
            overlay = os.path.join(self._work, 'overlay')
            shutil.rmtree(overlay, ignore_errors=True)
            self._write(os.path.join('overlay', os.path.relpath(path, 'kmod')), text)
            sources = [os.path.join(TOP, one) for one in includers(self._folder)[path]]
            compiler, folders = 'g++', [overlay]
        else:
            sources = [self._write(os.path.basename(path), text)]
            compiler = 'gcc' if path.endswith('.c') else 'g++'
            folders = [os.path.join(TOP, os.path.dirname(path))]
        objects = []
        for number, source in enumerate(sources):
            objects.append(os.path.join(self._work, f'mutant{number}.o'))
            if not self._compile(compiler, folders, source, objects[-1]):
                return None
        return objects

    @staticmethod
    def _hash(objects):
        digest = hashlib.sha256()
        for path in objects:
            with open(path, 'rb') as file:
                digest.update(file.read())
        return digest.digest()

    def _link(self, suite, mutated, program):
        # The mutant comes first: nobody asks the library, or an inline function of a test, for what
        # it replaces.
        tests = glob.glob(os.path.join(self._folder, 'tests', suite, '**', '*.o'), recursive=True)
        library = os.path.join(self._folder, 'libvisor.a')
        return subprocess.run(['g++', *_LINKER, '-o', program, *mutated, *tests, library,
                               '-lgtest_main', '-lgtest', '-pthread'], capture_output=True,
                              check=False).returncode == 0

    def baseline(self, path):
        """The hash of what the unchanged source compiles to, here."""
        with open(os.path.join(TOP, path), encoding='utf-8') as file:
            objects = self._objects(path, file.read())
        if objects is None:
            raise RuntimeError(f'{path} does not compile')
        return self._hash(objects)

    def run(self, mutant, text, baseline):
        """(Verdict, the suite that killed it)."""
        lines = text.splitlines()
        lines[mutant.line - 1] = mutant.after
        objects = self._objects(mutant.path, '\n'.join(lines) + '\n')
        if objects is None:
            return Verdict.invalid, ''
        if self._hash(objects) == baseline:
            return Verdict.same, ''
        program = os.path.join(self._work, 'program')
        for suite in suites_of(mutant.path, self._folder):
            if not self._link(suite, objects, program):
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
