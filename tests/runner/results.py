# SPDX-License-Identifier: GPL-2.0-only
"""What came out: tests, and the cases that they belong to."""

import enum
from dataclasses import dataclass, field
from typing import List, Optional


class Outcome(enum.Enum):
    """How a test or a case ended, in TAP's words."""
    passed = 'ok'
    failed = 'not ok'
    skipped = 'skip'


@dataclass
class Test:
    """One thing that was proved, or not; `reason` belongs to a failure or a skip."""
    name: str
    outcome: Outcome
    reason: str = ''


@dataclass
class CaseResult:
    """A case that can be run by its name, with all its tests."""
    name: str
    tier: str
    tests: List[Test]
    seconds: float
    log: Optional[str] = None
    tail: List[str] = field(default_factory=list)  # what was seen last, for a failure
    cpu_seconds: float = 0.0  # of the whole job, by the case that stands for it

    @property
    def outcome(self):
        """Failed if one test failed, and if there was none; skipped if all were."""
        kinds = {test.outcome for test in self.tests}
        if not kinds or Outcome.failed in kinds:
            return Outcome.failed
        return Outcome.passed if Outcome.passed in kinds else Outcome.skipped

    @property
    def reason(self):
        """Of the first test that failed, else of the first that was skipped."""
        if not self.tests:
            return 'no test ran'
        wanted = Outcome.failed if self.outcome is Outcome.failed else Outcome.skipped
        found = [test for test in self.tests if test.outcome is wanted]
        if not found:
            return ''
        first = found[0]
        text = ': '.join(part for part in (first.name, first.reason)
                         if part and part != self.name) or first.name
        return text if len(found) == 1 else f'{text} (and {len(found) - 1} more)'


def failure(name, tier, reason, seconds=0.0, log=None, tail=()):
    """The result of a case that could not even tell its tests."""
    return CaseResult(name, tier, [Test(name, Outcome.failed, reason)], seconds, log, list(tail))


def tests_of_tap(report):
    """The tests of a tap.Report; each of its problems is a failed one."""
    tests = []
    for point in report.points:
        if not point.passed:
            reason = next((note for note in point.notes if note), '')
            tests.append(Test(point.name, Outcome.failed, reason))
        elif point.skipped is not None:
            tests.append(Test(point.name, Outcome.skipped, point.skipped))
        else:
            tests.append(Test(point.name, Outcome.passed))
    tests += [Test('the plan', Outcome.failed, problem) for problem in report.problems]
    if report.skipped_all and not tests:
        tests.append(Test('all', Outcome.skipped, report.skipped_all))
    return tests
