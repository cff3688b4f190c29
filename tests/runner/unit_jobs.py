# SPDX-License-Identifier: GPL-2.0-only
"""The unit tests, and those of the lab's launcher: each suite is a case."""

import glob
import os
import sys
from xml.etree import ElementTree

from . import junit, process
from .context import LAB, TESTS
from .jobs import Job
from .results import CaseResult, Outcome, failure

_TIMEOUT = 1800


def suite_names():
    """The suites of tests/unit, as its Makefile finds them."""
    found = set()
    for pattern in ('test_*.cpp', 'test_*.py'):
        for path in glob.glob(os.path.join(TESTS, 'unit', '*', pattern)):
            found.add(os.path.basename(os.path.dirname(path)))
    return sorted(found - {'fake'})


def suite_result(name, xml, log, done, tier='unit'):
    """What a suite that left a JUnit file has shown."""
    try:
        tests, seconds = junit.read(xml)
    except (OSError, ElementTree.ParseError):
        return failure(name, tier, f'no result (exit status {done.status})', done.seconds, log,
                       done.tail())
    result = CaseResult(name, tier, tests, seconds, log)
    if result.outcome is Outcome.failed:
        result.tail = done.tail()
    return result


class UnitJob(Job):
    """`make test-unit`, for all suites or some."""
    tier = 'unit'

    def __init__(self, suites):
        super().__init__('unit', [f'unit-{suite}' for suite in suites])
        self._suites = suites

    def run(self, context, emit):
        xml = {suite: os.path.join(context.build, 'unit', f'{suite}.xml')
               for suite in self._suites}
        for path in xml.values():
            if os.path.exists(path):
                os.remove(path)
        log = context.log('unit')
        done = process.run(['make', f'BUILD={context.build}', 'test-unit',
                            f"SUITES={' '.join(self._suites)}"], log, _TIMEOUT)
        results = [suite_result(f'unit-{suite}', path, log, done) for suite, path in xml.items()]
        failed = any(result.outcome is Outcome.failed for result in results)
        if results:
            results[0].cpu_seconds = done.cpu_seconds
        for result in results:
            emit(result)
        if done.status != 0 and not failed:
            emit(failure('unit', 'unit', f'make test-unit: exit status {done.status}',
                         done.seconds, log, done.tail()))
        return Outcome.passed


class LauncherJob(Job):
    """The unit tests of tests/lab."""
    tier = 'unit'

    def __init__(self):
        super().__init__('unit-lab', ['unit-lab'])

    def run(self, context, emit):
        xml = os.path.join(context.build, 'test-logs', 'unit-lab.xml')
        log = context.log('unit-lab')
        suite = os.path.join(TESTS, 'unit', 'python_suite.py')
        done = process.run([sys.executable, suite, LAB, xml], log, _TIMEOUT, directory=LAB)
        emit(suite_result('unit-lab', xml, log, done))
        return Outcome.passed
