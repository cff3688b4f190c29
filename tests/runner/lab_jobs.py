# SPDX-License-Identifier: GPL-2.0-only
"""One boot of the lab, and the cases that run in it."""

import os
import sys
import types

from . import process, tap
from .build_jobs import fault_module_name, kunit_module_name, module_name, rmtest_name, unnamed
from .context import CASES, LAB, PROGRAMS
from .context import kernel_complaints as find_complaints
from .jobs import Job
from .results import CaseResult, Outcome, Test, failure, tests_of_tap
from .transcript import Transcript, driver, without_marks

KEXEC = '/usr/sbin/kexec'  # Debian's package kexec-tools
TRACE_CMD = '/usr/bin/trace-cmd'  # Debian's package of that name
PERF = '/usr/bin/perf'  # Debian's package linux-perf
STRESS_NG = '/usr/bin/stress-ng'  # Debian's package of that name
_BOOT_SECONDS = 120  # for the boot and the end; the launcher counts the emulator's CPU time
_SLOWNESS = 2  # an emulator's seconds may take that many
_KILLED = 128 + 9  # what timeout does to a script
_LOADED_HOST = 20  # when the launcher itself hangs


def boot_name(case):
    """A name that tells a person which machine it was."""
    if case.ends_machine:
        return f'boot-{case.name}'
    parts = [case.machine, f'{case.cpus}cpu', case.kernel, case.cpu_model, case.append]
    text = '-'.join(part for part in parts if part)
    if case.strict_msrs:
        text += '-strict_msrs'
    if case.allow_emulator:
        text += '-complaints'
    if case.tier != 'quick':
        text += f'-{case.tier}'
    return 'boot-' + ''.join(c if c.isalnum() or c in '.-' else '_' for c in text)


def kernel_complaints(lines, allowed):
    """What the kernel complained about in `lines` of a console."""
    return find_complaints(types.SimpleNamespace(lines=lines), allowed)


def judge(section, case):
    """The tests of a case that ended; what explains a plan that was not kept comes before it."""
    report = tap.parse(section.lines)
    tests = tests_of_tap(report)
    causes = []
    found = kernel_complaints(section.lines, case.allow_dmesg)
    if found:
        causes.append(Test('the kernel has no complaint', Outcome.failed, found[0]))
    if section.status is None:
        causes.append(Test('the script ends', Outcome.failed, 'the machine ended before it'))
    elif section.status == _KILLED:
        causes.append(Test('the script ends', Outcome.failed, f'no end in {case.timeout} s'))
    elif section.status and not any(test.outcome is Outcome.failed for test in tests + causes):
        causes.append(Test('the script ends well', Outcome.failed,
                           f'exit status {section.status}'))
    points = len(report.points)
    return tests[:points] + causes + tests[points:]


def seconds_for(cases):
    """How long a boot with `cases` may take."""
    return _BOOT_SECONDS + _SLOWNESS * sum(case.timeout for case in cases)


def modules_of(context, release):
    """Each module for one kernel: what needs it, where it is built, its name in the lab."""
    plain, fault = context.module(release), context.fault_module(release)
    return (('rmvisor', plain, 'rmvisor'), ('rmvisor_fault', fault, 'rmvisor-fault'),
            ('rmvisor_unnamed', context.unnamed(plain), 'rmvisor-unnamed'),
            ('rmvisor_fault_unnamed', context.unnamed(fault), 'rmvisor-fault-unnamed'),
            ('rmvisor_kunit', context.kunit_module(release), 'rmvisor_kunit'),
            ('rmtest', context.rmtest(release), 'rmtest'))


def command_of(name, cases, context, release_of):
    """How the launcher is called for one boot."""
    first = cases[0]
    needs = {need for case in cases for need in case.needs}
    command = [sys.executable, os.path.join(LAB, 'lab.py'), 'run', '--quiet', '--name', name,
               '--machine', first.machine, '--cpus', str(first.cpus), '--kernel', first.kernel,
               f'--append={first.append}', '--log-dir', context.logs,
               '--script', os.path.join(context.logs, f'{name}.sh'),
               '--timeout', str(seconds_for(cases))]
    if first.memory:
        command += ['--memory', str(first.memory)]
    if first.next_script:
        command += ['--next-script', os.path.join(context.logs, f'{name}-next.sh')]
    if first.strict_msrs:
        command += ['--strict-msrs']
    if first.cpu_model:
        command += ['--cpu-model', first.cpu_model]
    for script in sorted(os.listdir(CASES)):
        if script.endswith('.sh'):
            command += ['--file', f'{os.path.join(CASES, script)}:/lab/cases/{script}:644']
    for need, path, name in modules_of(context, release_of(first.kernel)):
        if need in needs:
            command += ['--file', f'{path}:/lab/{name}.ko']
    if 'guests' in needs:
        command += ['--file', f'{context.guests}:/lab/guests']
    if 'bench' in needs:
        command += ['--file', f'{context.bench}:/lab/bench']
    for need, path in (('rmguest', context.rmguest), ('kexec', KEXEC), ('stress_ng', STRESS_NG),
                       ('trace_cmd', TRACE_CMD), ('perf', PERF),
                       *((name, context.program(name)) for name in PROGRAMS)):
        if need in needs:
            command += ['--binary', path]
    for module in dict.fromkeys(module for case in cases for module in case.modules):
        command += ['--kmod', module]
    for pattern in dict.fromkeys(pattern for case in cases for pattern in case.allow_dmesg):
        command += [f'--allow-dmesg={pattern}']
    for pattern in first.allow_emulator:
        command += [f'--allow-emulator={pattern}']
    return command


def jobs_needed(cases):
    """The builds that must have succeeded before a boot with `cases`."""
    found = set()
    for case in cases:
        for need in case.needs:
            found.add({'rmvisor': module_name(case.kernel),
                       'rmvisor_fault': fault_module_name(case.kernel),
                       'rmvisor_kunit': kunit_module_name(case.kernel),
                       'rmvisor_unnamed': unnamed(module_name(case.kernel)),
                       'rmvisor_fault_unnamed': unnamed(fault_module_name(case.kernel)),
                       'rmtest': rmtest_name(case.kernel),
                       'rmguest': 'programs', 'guests': 'programs', 'bench': 'bench',
                       'stress_ng': '', 'kexec': '', 'trace_cmd': '', 'perf': '',
                       **{name: name for name in PROGRAMS}}[need])
    return sorted(found - {''})


class LabJob(Job):
    """One boot. Its own case says that the machine booted, ended, and had no complaint."""
    tier = 'lab'

    def __init__(self, cases, release_of):
        self._boot = boot_name(cases[0])
        self._first = cases
        self._next = [case.following() for case in cases if case.next_script]
        self._cases = {case.name: case for case in [*cases, *self._next]}
        super().__init__(self._boot, [*self._cases, self._boot], jobs_needed(cases))
        self._release_of = release_of

    def run(self, context, emit):
        cases = self._first
        self._write_driver(context, '', cases)
        if self._next:
            self._write_driver(context, '-next', self._next)
        transcript = Transcript(lambda section: emit(self._finished(section, context)),
                                self._boot)
        log = context.log(self._boot)
        done = process.run(command_of(self._boot, cases, context, self._release_of), log,
                           _LOADED_HOST * seconds_for(cases), transcript.line)
        for result in self._missing(transcript, context, done):
            emit(result)
        own = self._own_result(done, log)
        if transcript.open:
            own.tail = []  # that case has shown it
        emit(own)
        return Outcome.passed

    def _write_driver(self, context, suffix, cases):
        path = os.path.join(context.logs, f'{self._boot}{suffix}.sh')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(driver(cases))

    def _finished(self, section, context):
        return self._result(section, judge(section, self._cases[section.name]),
                            section.ended - section.started, context)

    def _result(self, section, tests, seconds, context):
        log = context.log(section.name)
        with open(log, 'w', encoding='utf-8') as file:
            file.writelines(f'{line}\n' for line in section.lines)
        result = CaseResult(section.name, self.tier, tests, seconds, log)
        if result.outcome is Outcome.failed:
            result.tail = section.lines[-process.TAIL:]
        return result

    def _missing(self, transcript, context, done):
        """The case in which the machine ended, and those that never began."""
        begun = {section.name for section in transcript.ended}
        cause = 'the machine did not come as far'
        if transcript.open:
            section = transcript.open
            begun.add(section.name)
            yield self._result(section, judge(section, self._cases[section.name]), done.seconds,
                               context)
            cause = f'the machine ended in {section.name}'
        for name in self._cases:
            if name not in begun:
                yield failure(name, self.tier, f'not run: {cause}')

    def _own_result(self, done, log):
        mark = f'{self._boot}: FAILED: '
        reasons = [line[len(mark):] for line in done.lines if line.startswith(mark)]
        if not reasons and done.status != 0:
            reasons = ['no end in time' if done.timed_out else
                       next((line for line in done.lines if line.startswith('lab: ')),
                            f'exit status {done.status}')]
        tests = [Test('the machine has no complaint', Outcome.failed, reason)
                 for reason in reasons] or [Test('the machine has no complaint', Outcome.passed)]
        return CaseResult(self._boot, self.tier, tests, done.seconds, log,
                          without_marks(done.tail()) if reasons else [], done.cpu_seconds)


def lab_jobs(cases, release_of):
    """
    The boots for `cases`, the longest first, so that none runs alone at the end; those that fit the
    same machine share one.
    """
    groups = {}
    for case in cases:
        groups.setdefault(case.machine_key(), []).append(case)
    longest_first = sorted(groups.values(), key=seconds_for, reverse=True)
    return [LabJob(group, release_of) for group in longest_first]
