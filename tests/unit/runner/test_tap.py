# SPDX-License-Identifier: GPL-2.0-only
"""TAP is read strictly: whatever is missing is a problem."""

import unittest

import common  # noqa: F401
from runner import tap
from runner.results import Outcome, tests_of_tap


def parse(text):
    return tap.parse(text.splitlines())


class Parse(unittest.TestCase):
    def test_plan_and_points(self):
        report = parse('1..2\nok 1 - one\nok 2 - two\n')
        self.assertEqual([(p.number, p.name, p.passed) for p in report.points],
                         [(1, 'one', True), (2, 'two', True)])
        self.assertEqual(report.problems, [])

    def test_other_lines_are_passed_over(self):
        report = parse('hello\n1..1\n[    1.2] kernel\nok 1 - one\nokay\n')
        self.assertEqual((len(report.points), report.problems), (1, []))

    def test_the_plan_may_come_last(self):
        self.assertEqual(parse('ok 1\n1..1').problems, [])

    def test_notes_belong_to_the_point_before(self):
        report = parse('1..2\nnot ok 1 - a\n# why\nok 2 - b\n')
        self.assertEqual([p.notes for p in report.points], [['why'], []])

    def test_a_name_may_begin_with_a_number(self):
        self.assertEqual(parse('1..1\nok 1 - 20 rounds').points[0].name, '20 rounds')

    def test_points_without_numbers(self):
        self.assertEqual(parse('1..2\nok - a\nok - b').problems, [])


class Problems(unittest.TestCase):
    def assert_problem(self, text, problem):
        self.assertIn(problem, parse(text).problems)

    def test_silence(self):
        self.assert_problem('', 'no plan')
        self.assert_problem('', 'no test ran')

    def test_no_plan(self):
        self.assert_problem('ok 1 - one', 'no plan')

    def test_a_test_is_missing(self):
        self.assert_problem('1..3\nok 1\nok 2', '3 tests planned, 2 ran')

    def test_a_test_too_many(self):
        self.assert_problem('1..1\nok 1\nok 2', '1 tests planned, 2 ran')

    def test_a_number_is_left_out(self):
        self.assert_problem('1..2\nok 1\nok 3', 'test 3 where 2 was due')

    def test_the_same_number_twice(self):
        self.assert_problem('1..2\nok 1\nok 1', 'test 1 where 2 was due')

    def test_two_plans(self):
        self.assert_problem('1..1\nok 1\n1..1', 'a second plan')

    def test_an_empty_plan_without_a_word(self):
        self.assert_problem('1..0', 'no test ran')

    def test_bail_out(self):
        self.assert_problem('1..1\nBail out! no disk', 'gave up: no disk')

    def test_a_skip_needs_a_reason(self):
        self.assert_problem('1..1\nok 1 - a # SKIP', 'skipped without a reason')
        self.assert_problem('1..0 # SKIP', 'skipped without a reason')


class Outcomes(unittest.TestCase):
    def outcomes(self, text):
        return [test.outcome for test in tests_of_tap(parse(text))]

    def test_each_point_is_a_test(self):
        self.assertEqual(self.outcomes('1..3\nok 1\nnot ok 2\nok 3 # SKIP no disk'),
                         [Outcome.passed, Outcome.failed, Outcome.skipped])

    def test_each_problem_is_a_failed_test(self):
        self.assertEqual(self.outcomes('1..2\nok 1'), [Outcome.passed, Outcome.failed])
        self.assertEqual(set(self.outcomes('')), {Outcome.failed})

    def test_a_todo_that_fails_has_failed(self):
        self.assertEqual(self.outcomes('1..1\nnot ok 1 - a # TODO later'), [Outcome.failed])

    def test_a_failure_can_not_be_skipped(self):
        self.assertEqual(self.outcomes('1..1\nnot ok 1 - a # SKIP no disk'), [Outcome.failed])

    def test_the_reasons(self):
        tests = tests_of_tap(parse('1..2\nnot ok 1 - a\n# because\nok 2 - b # SKIP no disk'))
        self.assertEqual([(t.name, t.reason) for t in tests], [('a', 'because'), ('b', 'no disk')])

    def test_all_skipped(self):
        tests = tests_of_tap(parse('1..0 # SKIP no machine'))
        self.assertEqual([(t.outcome, t.reason) for t in tests],
                         [(Outcome.skipped, 'no machine')])


if __name__ == '__main__':
    unittest.main()
