# SPDX-License-Identifier: GPL-2.0-only
"""python_suite.py FOLDER OUT.xml: runs the test_*.py of a folder, leaves a JUnit file.

Exit status 1 when a test failed or when there was none: silence is a failure.
"""

import os
import sys
import time
import unittest
from xml.etree import ElementTree


class Recorder(unittest.TextTestResult):
    """Keeps (test, seconds, outcome, text) of every test; outcome is None when it passed."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.records = []
        self._started = 0.0

    def startTest(self, test):
        super().startTest(test)
        self._started = time.monotonic()

    def _record(self, test, outcome=None, text=''):
        self.records.append((test, time.monotonic() - self._started, outcome, text))

    def addSuccess(self, test):
        super().addSuccess(test)
        self._record(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._record(test, 'failure', self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self._record(test, 'error', self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            failed = issubclass(err[0], test.failureException)
            self._record(subtest, 'failure' if failed else 'error',
                         (self.failures if failed else self.errors)[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._record(test, 'skipped', reason)


def junit(name, records):
    suite = ElementTree.Element('testsuite', name=name, tests=str(len(records)))
    for outcome, attribute in (('failure', 'failures'), ('error', 'errors'),
                               ('skipped', 'skipped')):
        suite.set(attribute, str(sum(record[2] == outcome for record in records)))
    for test, seconds, outcome, text in records:
        group, _, case_name = test.id().rpartition('.')
        case = ElementTree.SubElement(suite, 'testcase', classname=group, name=case_name,
                                      time=f'{seconds:.3f}')
        if outcome:
            ElementTree.SubElement(case, outcome, message=text.strip().splitlines()[-1]).text = text
    return ElementTree.ElementTree(suite)


def main(folder, output):
    tests = unittest.defaultTestLoader.discover(folder, top_level_dir=folder)
    runner = unittest.TextTestRunner(stream=sys.stdout, resultclass=Recorder, verbosity=1)
    result = runner.run(tests)
    junit(os.path.basename(folder), result.records).write(output, encoding='unicode')
    if not result.records:
        print(f'{folder}: no test ran')
    return 0 if result.wasSuccessful() and result.records else 1


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
