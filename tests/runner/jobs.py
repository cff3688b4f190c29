# SPDX-License-Identifier: GPL-2.0-only
"""What can be started: a job is one program or one boot, and reports one case or several."""

from .results import CaseResult, Test


class Job:
    """`after` names the jobs that must have passed; `names` are the cases it reports."""
    tier = ''

    def __init__(self, name, names, after=()):
        self.name = name
        self.names = list(names)
        self.after = list(after)

    def run(self, context, emit):
        """Do it; `emit(CaseResult)` for each case. Outcome.passed if what others need is there."""
        raise NotImplementedError

    def give_up(self, emit, outcome, reason):
        """Report every case with this outcome: the job can't be started."""
        for name in self.names:
            emit(CaseResult(name, self.tier, [Test(name, outcome, reason)], 0.0))
