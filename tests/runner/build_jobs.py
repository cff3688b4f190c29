# SPDX-License-Identifier: GPL-2.0-only
"""The builds: a module for each kernel, the programs, the lab's own client of KVM's API."""

import os
import re
import shutil
import sys

from . import process
from .context import CASES, CLIENTS, DEBUG_KERNELS, KERNELS, LAB, LabError
from .jobs import Job
from .results import CaseResult, Outcome, Test

_TIMEOUT = 3600  # a debug kernel on a machine that is busy
_COMPLAINT = re.compile(r'warning|objtool', re.IGNORECASE)
_CC = ['gcc', '-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-static']


def complaints(lines):
    """The lines of a build's output that should not be there."""
    return [line.strip() for line in lines if _COMPLAINT.search(line)]


def verdict(status, lines, timed_out, missing):
    """The tests of a build that ended with `status`; `missing` lists products not there."""
    why = 'no end in time' if timed_out else f'exit status {status}' if status else \
        f"no {', '.join(missing)}" if missing else ''
    tests = [Test('builds', Outcome.failed if why else Outcome.passed, why)]
    found = complaints(lines)
    if found:
        tests.append(Test('no warning', Outcome.failed, found[0]))
    elif not why:
        tests.append(Test('no warning', Outcome.passed))
    return tests


class BuildJob(Job):
    """
    A command that leaves files, without a warning. `stale` goes before. What is built only if
    needed waits for a boot that is to run, or for somebody who names it.
    """
    tier = 'build'

    def __init__(self, name, command, products, stale=None, missing='', only_if_needed=False,
                 after=()):
        super().__init__(name, [name], after)
        self.only_if_needed = only_if_needed
        self._command = command
        self._products = products
        self._stale = stale
        self._missing = missing  # why it can't be built here

    def run(self, context, emit):
        if self._missing:
            self.give_up(emit, Outcome.skipped, self._missing)
            return Outcome.skipped
        if self._stale and context.clean:
            shutil.rmtree(self._stale, ignore_errors=True)
        for path in self._products:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        log = context.log(self.name)
        done = process.run(self._command, log, _TIMEOUT)
        missing = [path for path in self._products if not os.path.exists(path)]
        tests = verdict(done.status, done.lines, done.timed_out, missing)
        good = all(test.outcome is Outcome.passed for test in tests)
        emit(CaseResult(self.name, self.tier, tests, done.seconds, log,
                        [] if good else complaints(done.lines) + done.tail(), done.cpu_seconds))
        return tests[0].outcome


def module_name(kernel):
    """The case that builds the module for a kernel by its short name."""
    return f'module-{kernel}'


def fault_module_name(kernel):
    """The same for the module that can force failures."""
    return f'module-fault-{kernel}'


def kunit_module_name(kernel):
    """The same for the KUnit suites."""
    return f'kunit-module-{kernel}'


def unnamed(name):
    """The same for a module that Linux loads in a quarter of the time (tests/lab/unname.py)."""
    return f'{name}-unnamed'


def rmtest_name(kernel):
    """The same for the tests' own module."""
    return f'rmtest-{kernel}'


def _debug_module_jobs(kernel, context, release_of):
    """The modules for a kernel that the lab builds itself, and before that the kernel."""
    try:
        release = release_of(kernel)
    except LabError as error:  # apt does not know the source: nobody else shall fail for that
        return [BuildJob(name(kernel), [], [], missing=str(error), only_if_needed=True)
                for name in (module_name, fault_module_name, rmtest_name, kunit_module_name)]
    script = ('tree=$("$1" "$2" fetch --kernel "$3") && '
              'exec make BUILD="$4" KVER="$5" KDIR="$tree/build" $6')
    command = ['sh', '-c', script, 'sh', sys.executable, os.path.join(LAB, 'lab.py'), kernel,
               context.build, release]
    return [BuildJob(name(kernel), [*command, what], [product], only_if_needed=True)
            for name, what, product in (
                (module_name, 'module', context.module(release)),
                (fault_module_name, 'module FAULT=1', context.fault_module(release)),
                (rmtest_name, 'lab-modules', context.rmtest(release)),
                (kunit_module_name, 'kunit-module', context.kunit_module(release)))]


def _sources(path):
    """One file, or all of a folder."""
    if not os.path.isdir(path):
        return [f'{path}.c']
    return sorted(os.path.join(path, name) for name in os.listdir(path)
                  if name.endswith(('.c', '.S')))


def build_jobs(context, release_of):
    """Every build; `release_of(kernel)` is the release behind a short name."""
    make = ['make', f'BUILD={context.build}']
    jobs = []
    for kernel in KERNELS:
        release = release_of(kernel)
        headers = f'/lib/modules/{release}/build'
        missing = '' if os.path.exists(headers) else \
            f'no headers: apt-get install linux-headers-{release}'
        which = [f'KVER={release}', f'KDIR={headers}']
        for name, arguments, product in (
                (module_name, ['module'], context.module(release)),
                (fault_module_name, ['module', 'FAULT=1'], context.fault_module(release)),
                (rmtest_name, ['lab-modules'], context.rmtest(release))):
            jobs.append(BuildJob(name(kernel), [*make, *arguments, *which], [product],
                                 os.path.dirname(product), missing,
                                 only_if_needed=name is not module_name))
        for name, module in ((module_name(kernel), context.module(release)),
                             (fault_module_name(kernel), context.fault_module(release))):
            product = context.unnamed(module)
            command = [sys.executable, os.path.join(LAB, 'unname.py'), module, product]
            jobs.append(BuildJob(unnamed(name), command, [product], only_if_needed=True,
                                 after=[name]))
    for kernel in DEBUG_KERNELS:
        jobs += _debug_module_jobs(kernel, context, release_of)
    # The programs' warnings are errors, so they need no build from nothing.
    jobs.append(BuildJob('programs', [*make, 'rmguest', 'guests'],
                         [context.rmguest, os.path.join(context.guests, 'run.sh')]))
    for name in CLIENTS:
        jobs.append(BuildJob(name, [*_CC, '-Iinclude/uapi', '-o', context.program(name),
                                    *_sources(os.path.join(CASES, name))], [context.program(name)]))
    entry_rules = context.program('entry_rules')
    jobs.append(BuildJob('entry_rules', ['make', '-C', os.path.join(LAB, 'entry_rules'),
                                         f'BUILD={os.path.dirname(entry_rules)}'], [entry_rules]))
    jobs.append(BuildJob('bench', [*make, 'bench-programs'],
                         [os.path.join(context.bench, name) for name in
                          ('bench', 'guest.bin', 'smp.bin', 'smp_xapic.bin', 'unit.i')]))
    jobs.append(BuildJob('vmx_user', [*_CC, '-o', context.program('vmx_user'),
                                      os.path.join(LAB, 'modules', 'vmx_user.c')],
                         [context.program('vmx_user')]))
    return jobs
