# SPDX-License-Identifier: GPL-2.0-only
"""The end of a run: the counts, the exit status, and the file for programs."""

import json
from dataclasses import dataclass

from .results import Outcome


@dataclass(frozen=True)
class Counts:
    """Tests by outcome."""
    passed: int
    failed: int
    skipped: int

    def line(self):
        """The last line of a run."""
        return f'{self.passed} passed, {self.failed} failed, {self.skipped} skipped'

    def exit_status(self):
        """0 only if something was proved and nothing disproved."""
        return 0 if self.failed == 0 and self.passed > 0 else 1


def count(results):
    """The Counts of all tests; a case without a test is a failed one."""
    outcomes = [test.outcome for result in results for test in result.tests]
    silent = sum(not result.tests for result in results)
    return Counts(outcomes.count(Outcome.passed), outcomes.count(Outcome.failed) + silent,
                  outcomes.count(Outcome.skipped))


def _test_data(test):
    data = {'name': test.name, 'outcome': test.outcome.name}
    return {**data, 'reason': test.reason} if test.reason else data


def to_data(results, seconds):
    """The run as plain data."""
    counts = count(results)
    return {
        'passed': counts.passed, 'failed': counts.failed, 'skipped': counts.skipped,
        'seconds': round(seconds, 1),
        'cases': [{'name': result.name, 'tier': result.tier, 'outcome': result.outcome.name,
                   'seconds': round(result.seconds, 1),
                   'cpu_seconds': round(result.cpu_seconds, 1), 'reason': result.reason,
                   'log': result.log, 'tests': [_test_data(test) for test in result.tests]}
                  for result in results],
    }


def write(path, results, seconds):
    """Leave to_data() as JSON in `path`."""
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(to_data(results, seconds), file, indent=1)
        file.write('\n')
