# SPDX-License-Identifier: GPL-2.0-only
"""JUnit XML, as GoogleTest and tests/unit/python_suite.py write it."""

from xml.etree import ElementTree

from .results import Outcome, Test


def _test(case):
    name = f"{case.get('classname', '')}.{case.get('name', '')}".strip('.')
    for tag in ('failure', 'error'):
        found = case.find(tag)
        if found is not None:
            text = (found.get('message') or found.text or '').strip()
            return Test(name, Outcome.failed, ' '.join(text.split())[:200])
    skipped = case.find('skipped')
    if skipped is not None:
        reason = (skipped.get('message') or skipped.text or '').strip()
        return Test(name, Outcome.skipped if reason else Outcome.failed,
                    reason or 'skipped without a reason')
    if case.get('status') == 'notrun':
        return None
    return Test(name, Outcome.passed)


def read(path):
    """(tests, seconds) of a file; raises OSError or ElementTree.ParseError when it is no good."""
    root = ElementTree.parse(path).getroot()
    cases = list(root.iter('testcase'))
    tests = [test for test in map(_test, cases) if test is not None]
    return tests, sum(float(case.get('time', 0)) for case in cases)
