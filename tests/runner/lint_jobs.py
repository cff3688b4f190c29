# SPDX-License-Identifier: GPL-2.0-only
"""The static checks that take seconds; `make lint` has the others too."""

import os
import sys

from . import process, tap
from .context import TOP
from .jobs import Job
from .results import CaseResult, Outcome, failure, tests_of_tap

_TIMEOUT = 300


class LintJob(Job):
    """scripts/lint --fast, which prints TAP."""
    tier = 'lint'

    def __init__(self):
        super().__init__('lint', ['lint'])

    def run(self, context, emit):
        log = context.log(self.name)
        done = process.run([sys.executable, os.path.join(TOP, 'scripts', 'lint'), '--fast'], log,
                           _TIMEOUT)
        tests = tests_of_tap(tap.parse(done.lines))
        result = CaseResult(self.name, self.tier, tests, done.seconds, log)
        if result.outcome is Outcome.failed:
            result.tail = done.tail()
        elif done.status:
            result = failure(self.name, self.tier, f'exit status {done.status}', done.seconds, log,
                             done.tail())
        result.cpu_seconds = done.cpu_seconds
        emit(result)
        return Outcome.passed
