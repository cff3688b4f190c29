# SPDX-License-Identifier: GPL-2.0-only
"""Counts, exit status, and the results of builds, suites and cases."""

import io
import json
import os
import tempfile
import unittest

import common  # noqa: F401
from runner import junit, summary
from runner.build_jobs import complaints, verdict
from runner.reporter import Reporter
from runner.results import CaseResult, Outcome, Test, failure


def case(*outcomes, name='case'):
    tests = [Test(f'test {n}', outcome, 'why' if outcome is not Outcome.passed else '')
             for n, outcome in enumerate(outcomes)]
    return CaseResult(name, 'lab', tests, 1.0)


PASSED, FAILED, SKIPPED = Outcome.passed, Outcome.failed, Outcome.skipped


class Counting(unittest.TestCase):
    def line(self, *results):
        return summary.count(results).line()

    def status(self, *results):
        return summary.count(results).exit_status()

    def test_tests_are_counted_not_cases(self):
        self.assertEqual(self.line(case(PASSED, PASSED, SKIPPED), case(FAILED, PASSED)),
                         '3 passed, 1 failed, 1 skipped')

    def test_silence_is_a_failure(self):
        self.assertEqual(self.line(case()), '0 passed, 1 failed, 0 skipped')
        self.assertEqual(case().outcome, FAILED)
        self.assertEqual(case().reason, 'no test ran')

    def test_exit_status(self):
        self.assertEqual(self.status(case(PASSED)), 0)
        self.assertEqual(self.status(case(PASSED, SKIPPED)), 0)
        self.assertEqual(self.status(case(PASSED, FAILED)), 1)
        self.assertEqual(self.status(case(PASSED), failure('x', 'lab', 'why')), 1)

    def test_nothing_proved_is_no_success(self):
        self.assertEqual(self.status(), 1)
        self.assertEqual(self.status(case(SKIPPED)), 1)

    def test_the_outcome_of_a_case(self):
        self.assertEqual(case(PASSED, SKIPPED).outcome, PASSED)
        self.assertEqual(case(SKIPPED).outcome, SKIPPED)
        self.assertEqual(case(PASSED, FAILED).outcome, FAILED)

    def test_the_reason_of_a_case(self):
        self.assertEqual(case(PASSED).reason, '')
        self.assertEqual(case(PASSED, FAILED, FAILED).reason, 'test 1: why (and 1 more)')

    def test_data(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'results.json')
            summary.write(path, [case(PASSED, FAILED)], 2.04)
            with open(path, encoding='utf-8') as file:
                data = json.load(file)
        self.assertEqual((data['passed'], data['failed'], data['seconds']), (1, 1, 2.0))
        self.assertEqual(data['cases'][0]['tests'][1],
                         {'name': 'test 1', 'outcome': 'failed', 'reason': 'why'})


class Builds(unittest.TestCase):
    def outcomes(self, *arguments):
        return [test.outcome for test in verdict(*arguments)]

    def test_a_clean_build(self):
        self.assertEqual(self.outcomes(0, ['  CC  a.o'], False, []), [PASSED, PASSED])

    def test_a_warning_is_a_failure(self):
        lines = ['a.c:1:1: warning: unused', 'x.o: WARNING: objtool: naked return', 'fine']
        self.assertEqual(len(complaints(lines)), 2)
        self.assertEqual(self.outcomes(0, lines, False, []), [PASSED, FAILED])

    def test_what_fails(self):
        for arguments in ((2, [], False, []), (0, [], True, []), (0, [], False, ['x.ko'])):
            self.assertEqual(self.outcomes(*arguments), [FAILED])


class Junit(unittest.TestCase):
    def read(self, cases):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'suite.xml')
            with open(path, 'w', encoding='utf-8') as file:
                file.write(f'<testsuites><testsuite>{cases}</testsuite></testsuites>')
            return junit.read(path)

    def test_outcomes(self):
        tests, seconds = self.read(
            '<testcase classname="A" name="a" time="0.5"/>'
            '<testcase classname="A" name="b" time="1"><failure message="1 is 2"/></testcase>'
            '<testcase classname="A" name="c"><skipped message="no disk"/></testcase>'
            '<testcase classname="A" name="d"><skipped/></testcase>'
            '<testcase classname="A" name="e" status="notrun"/>')
        self.assertEqual([(t.name, t.outcome) for t in tests],
                         [('A.a', PASSED), ('A.b', FAILED), ('A.c', SKIPPED), ('A.d', FAILED)])
        self.assertEqual((tests[1].reason, tests[2].reason), ('1 is 2', 'no disk'))
        self.assertEqual(seconds, 1.5)


class Report(unittest.TestCase):
    def report(self, result):
        stream = io.StringIO()
        Reporter(stream).result(result)
        return stream.getvalue()

    def test_one_line_for_what_passed(self):
        text = self.report(case(PASSED, PASSED, name='load'))
        self.assertRegex(text, r'^ok +load +2 tests +1\.0 s\n$')

    def test_a_failure_shows_its_last_words(self):
        result = case(PASSED, FAILED)
        result.tail, result.log = ['last words'], '/tmp/x.log'
        text = self.report(result)
        self.assertRegex(text, r'^not ok case')
        for wanted in ('| last words', 'x.log', 'tests/run --case case', '  test 1: why'):
            self.assertIn(wanted, text)

    def test_skips_show_their_reasons(self):
        self.assertIn('skip: test 1: why', self.report(case(PASSED, SKIPPED)))
        self.assertIn('why', self.report(case(SKIPPED)))


if __name__ == '__main__':
    unittest.main()
