# SPDX-License-Identifier: GPL-2.0-only
"""Cases that run on this host, with its own /dev/kvm."""

import os

from . import process, tap
from .context import CASES
from .jobs import Job
from .lab_jobs import jobs_needed
from .results import CaseResult, Outcome, Test, tests_of_tap


def kvm_reason():
    """None if this host has a /dev/kvm that we may use, else the reason why not."""
    if not os.path.exists('/dev/kvm'):
        return 'this host has no /dev/kvm'
    if not os.access('/dev/kvm', os.R_OK | os.W_OK):
        return 'no permission to use /dev/kvm: become root or a member of its group'
    return None


class HostJob(Job):
    """One script, which prints TAP; it is told by the environment where things are."""
    tier = 'host'

    def __init__(self, case):
        super().__init__(case.name, [case.name], jobs_needed([case]))
        self._case = case

    def run(self, context, emit):
        reason = kvm_reason()
        if reason:
            emit(CaseResult(self.name, self.tier, [Test(self.name, Outcome.skipped, reason)], 0.0))
            return Outcome.skipped
        log = context.log(self.name)
        command = ['env', f'RMGUEST={context.rmguest}', f'GUESTS={context.guests}',
                   f"KVM_CLIENT={context.program('kvm_client')}", 'sh',
                   os.path.join(CASES, self._case.script), *self._case.arguments]
        done = process.run(command, log, self._case.timeout)
        tests = tests_of_tap(tap.parse(done.lines))
        failed = any(test.outcome is Outcome.failed for test in tests)
        if done.status and not failed:
            why = 'no end in time' if done.timed_out else f'exit status {done.status}'
            tests.append(Test('the script ends well', Outcome.failed, why))
            failed = True
        emit(CaseResult(self.name, self.tier, tests, done.seconds, log,
                        done.tail() if failed else []))
        return Outcome.passed
