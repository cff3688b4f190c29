# SPDX-License-Identifier: GPL-2.0-only
"""The cases of a boot: how they share it, and how its console is taken apart."""

import os
import subprocess
import tempfile
import unittest

import common  # noqa: F401
from runner import build_jobs, catalogue, cli, lab_jobs, skip_jobs
from runner.context import CASES, Context
from runner.results import Outcome
from runner.schedule import Schedule
from runner.jobs import Job
from runner.results import CaseResult, Test
from runner.transcript import Section, Transcript, driver, without_marks


def cases(text):
    return catalogue.parse(text)


TWO = '[a]\nscript = "a.sh"\nabout = "a"\n[b]\nscript = "b.sh"\nabout = "b"\n'


class Catalogue(unittest.TestCase):
    def assert_refused(self, text, words):
        with self.assertRaisesRegex(catalogue.CatalogueError, words):
            cases(text)

    def test_defaults(self):
        self.assertEqual([(c.name, c.cpus, c.tier) for c in cases(TWO)],
                         [('a', 2, 'quick'), ('b', 2, 'quick')])

    def test_what_is_refused(self):
        self.assert_refused('[a]\nabout = "a"', 'no script')
        self.assert_refused(TWO + 'cpu = 4', 'b: unknown cpu')
        self.assert_refused(TWO + 'machine = "vax"', "b: machine 'vax'")
        self.assert_refused(TWO + 'tier = "slow"', "b: tier 'slow'")
        self.assert_refused(TWO + 'needs = ["luck"]', 'b: needs luck')
        self.assert_refused(TWO + 'next_script = "c.sh"', 'next_script without ends_machine')
        self.assert_refused('[a', '')

    def test_the_real_one(self):
        for case in catalogue.load(os.path.join(CASES, 'cases.toml')):
            path = os.path.join(CASES, case.script)
            self.assertTrue(os.path.exists(path), path)
            checked = subprocess.run(['sh', '-n', path], capture_output=True, check=False)
            self.assertEqual(checked.stderr, b'', path)


class Boots(unittest.TestCase):
    def names(self, text):
        return [job.names for job in lab_jobs.lab_jobs(cases(text), str)]

    def test_the_same_machine_is_booted_once(self):
        self.assertEqual(self.names(TWO), [['a', 'b', 'boot-auto3-2cpu-6.1-cloud']])

    def test_the_longest_boot_begins(self):
        self.assertEqual([names[0] for names in self.names(TWO + 'cpus = 4\ntimeout = 61')],
                         ['b', 'a'])

    def test_a_case_with_complaints_of_the_emulator_has_a_boot_of_its_own(self):
        self.assertEqual(self.names(TWO + "allow_emulator = ['VMFAIL']"),
                         [['a', 'boot-auto3-2cpu-6.1-cloud'],
                          ['b', 'boot-auto3-2cpu-6.1-cloud-complaints']])

    def test_what_a_case_needs_is_built(self):
        text = TWO + 'needs = ["rmvisor_fault", "rmtest", "vmx_user"]'
        self.assertEqual(lab_jobs.jobs_needed(cases(text)),
                         ['module-fault-6.1-cloud', 'rmtest-6.1-cloud', 'vmx_user'])

    def test_other_machines_are_other_boots(self):
        for member in ('cpus = 4', 'kernel = "6.12-cloud"', 'append = "kaslr"', 'tier = "soak"',
                       'machine = "qemu-tcg"', 'cpu_model = "bx_generic"', 'strict_msrs = true'):
            self.assertEqual(len(self.names(TWO + member)), 2, member)

    def test_a_case_that_ends_the_machine_has_it_alone(self):
        self.assertEqual(self.names(TWO + 'ends_machine = true\nnext_script = "c.sh"'),
                         [['a', 'boot-auto3-2cpu-6.1-cloud'], ['b', 'b-next', 'boot-b']])

    def test_what_has_to_be_built(self):
        found = lab_jobs.jobs_needed(cases(TWO + 'needs = ["rmvisor", "guests"]'))
        self.assertEqual(found, ['module-6.1-cloud', 'programs'])

    def test_every_need_of_the_real_cases_is_built(self):
        built = {name for job in build_jobs.build_jobs(Context('/nowhere', clean=False), str)
                 for name in job.names} | {'bench'}
        for case in catalogue.load(os.path.join(CASES, 'cases.toml')):
            self.assertLessEqual(set(lab_jobs.jobs_needed([case])), built, case.name)

    def test_the_driver_is_a_script(self):
        script = driver(cases(TWO + "arguments = [\"it's\", \"a|b\"]"))
        checked = subprocess.run(['sh', '-n'], input=script, text=True, capture_output=True,
                                 check=False)
        self.assertEqual((checked.returncode, checked.stderr), (0, ''))
        self.assertIn("run_case a 60 /lab/cases/a.sh\n", script)


class Selection(unittest.TestCase):
    def test_what_a_build_needs_is_built_too(self):
        # pylint: disable-next=protected-access
        options = cli._parser().parse_args(['--case', 'churn-1cpu'])
        _, then = cli.select(options, Context('/nowhere', clean=False))
        self.assertEqual([job.name for job in then if job.tier == 'build'],
                         ['module-6.1-cloud', 'rmtest-6.1-cloud', 'module-6.1-cloud-unnamed'])


class LeftOut(unittest.TestCase):
    def test_what_waits_for_its_kernel_is_skipped_with_the_reason(self):
        both = cases(TWO + 'tier = "kept"\nkernel = "debug-6.1"')
        self.assertEqual(skip_jobs.left_out(both, both), [])
        job, = skip_jobs.left_out(both, both[:1])
        results = []
        self.assertEqual(job.run(None, results.append), Outcome.skipped)
        self.assertEqual([(r.name, r.outcome) for r in results], [('b', Outcome.skipped)])
        self.assertIn('the kernel debug-6.1 is not built yet', results[0].reason)


class Transcripts(unittest.TestCase):
    def take(self, text):
        ended = []
        transcript = Transcript(ended.append, 'boot-x', clock=lambda: 0)
        for line in text.splitlines():
            transcript.line(line)
        return transcript, ended

    def test_sections(self):
        transcript, ended = self.take('x\nLAB-CASE-BEGIN a\n1..1\nok 1\nLAB-CASE-END a 3\ny\n')
        self.assertEqual([(s.name, s.status, s.lines) for s in ended], [('a', 3, ['1..1', 'ok 1'])])
        self.assertEqual((transcript.outside, transcript.open), (['x', 'y'], None))

    def test_the_machine_ends_in_a_case(self):
        transcript, ended = self.take('LAB-CASE-BEGIN a\n1..1\n')
        self.assertEqual((ended, transcript.open.name, transcript.open.status), ([], 'a', None))

    def test_the_launchers_report_repeats_no_case(self):
        transcript, ended = self.take('LAB-CASE-BEGIN a\n1..1\nok 1\nLAB-CASE-END a 0\n'
                                      'boot-x: last lines of the console:\n'
                                      'boot-x: | LAB-CASE-BEGIN a\nboot-x: | ok 1\n'
                                      'boot-x: | LAB-CASE-END a 0\nboot-x: FAILED: a panic\n')
        self.assertEqual(([s.name for s in ended], transcript.open), (['a'], None))
        self.assertEqual(len(transcript.outside), 5)

    def test_the_launchers_report_is_no_output_of_the_open_case(self):
        transcript, _ = self.take('LAB-CASE-BEGIN a\n1..1\nboot-x: | LAB-CASE-BEGIN a\n'
                                  'boot-x: FAILED: hang\n')
        self.assertEqual(transcript.open.lines, ['1..1'])

    def test_marks_are_for_nobodys_eyes(self):
        self.assertEqual(without_marks(['x', 'LAB-CASE-BEGIN a', 'boot-x: | LAB-CASE-END a 0',
                                        'y']),
                         ['x', 'y'])

    def judge(self, lines, status=0, more=''):
        section = Section('a', 0.0, 1.0, status, lines.splitlines())
        return [t.outcome for t in lab_jobs.judge(section, cases(TWO + more)[1])]

    def test_a_good_case(self):
        self.assertEqual(self.judge('1..1\nok 1 - a'), [Outcome.passed])

    def test_an_exit_status_counts(self):
        self.assertEqual(self.judge('1..1\nok 1 - a', 1), [Outcome.passed, Outcome.failed])

    def test_what_explains_a_missing_test_comes_before_it(self):
        for status, reason in ((137, 'no end in 60 s'), (None, 'the machine ended before it')):
            section = Section('a', 0.0, 1.0, status, ['1..2', 'ok 1 - a'])
            tests = lab_jobs.judge(section, cases(TWO)[0])
            self.assertEqual([t.reason for t in tests], ['', reason, '2 tests planned, 1 ran'])

    def test_the_kernel_counts(self):
        text = '1..1\n[    1.000000] WARNING: CPU: 0 PID: 1 at a.c:1\nok 1 - a'
        self.assertEqual(self.judge(text), [Outcome.passed, Outcome.failed])
        self.assertEqual(self.judge(text, 0, 'allow_dmesg = ["at a.c"]'), [Outcome.passed])


class Recorded(Job):
    """A job with a fixed outcome."""

    def __init__(self, name, outcome, after=()):
        super().__init__(name, [name], after)
        self._outcome = outcome

    def run(self, context, emit):
        if self._outcome is None:
            raise ValueError('broken')
        emit(CaseResult(self.name, '', [Test(self.name, self._outcome)], 0.0))
        return self._outcome


class Silent:
    """A reporter that only collects."""

    def __init__(self):
        self.results = {}

    def started(self, name):
        pass

    def ended(self, name):
        pass

    def result(self, result):
        self.results[result.name] = (result.outcome, result.reason)


class Schedules(unittest.TestCase):
    def run_jobs(self, *jobs, width=2):
        reporter = Silent()
        Schedule(jobs, None, reporter).run(width)
        return reporter.results

    def test_each_after_what_it_needs(self):
        results = self.run_jobs(Recorded('b', Outcome.passed, ['a']), Recorded('a', Outcome.passed))
        self.assertEqual(list(results), ['a', 'b'])

    def test_what_needs_a_failure_has_failed(self):
        results = self.run_jobs(Recorded('a', Outcome.failed), Recorded('b', Outcome.passed, ['a']),
                                Recorded('c', Outcome.passed, ['b']))
        self.assertEqual(results['b'], (Outcome.failed, 'a: failed'))
        self.assertEqual(results['c'][0], Outcome.failed)

    def test_what_needs_a_skip_is_skipped(self):
        results = self.run_jobs(Recorded('a', Outcome.skipped),
                                Recorded('b', Outcome.passed, ['a']))
        self.assertEqual(results['b'], (Outcome.skipped, 'a: skipped'))

    def test_a_broken_job_fails_and_the_others_go_on(self):
        results = self.run_jobs(Recorded('a', None), Recorded('b', Outcome.passed), width=1)
        self.assertEqual(results['a'], (Outcome.failed, 'ValueError: broken'))
        self.assertEqual(results['b'][0], Outcome.passed)

    def test_a_need_that_nobody_does_is_no_need(self):
        self.assertEqual(self.run_jobs(Recorded('a', Outcome.passed, ['z']))['a'][0],
                         Outcome.passed)


class TapLibrary(unittest.TestCase):
    """tests/lab/cases/tap.sh fails when it should."""

    def shell(self, text):
        with tempfile.NamedTemporaryFile('w', suffix='.sh') as file:
            file.write(f". '{CASES}/tap.sh'\n{text}\nfinish\n")
            file.flush()
            done = subprocess.run(['sh', file.name], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    def test_what_passes(self):
        status, out = self.shell('plan 4\ncheck a true\nfails b 3 sh -c "exit 3"\n'
                                 'says x+ c echo axxb\nis d 1 1')
        self.assertEqual((status, out), (0, '1..4\nok 1 - a\nok 2 - b\nok 3 - c\nok 4 - d\n'))

    def test_what_fails(self):
        for text in ('check a false', 'fails a 3 true', 'fails a 0 false', 'says x a echo y',
                     'is a 1 2', ':'):
            status, out = self.shell(text)
            self.assertNotEqual(status, 0, text)
            self.assertNotIn('\nok', '\n' + out, text)

    def test_a_failure_shows_the_output(self):
        self.assertIn('\n# because\n', self.shell('check a sh -c "echo because; exit 1"')[1])

    def test_the_output_is_cut(self):
        out = self.shell('check a sh -c "seq 1000; exit 1"')[1]
        self.assertIn('# 1000\n', out)
        self.assertLess(out.count('\n'), 50)

    def test_a_skip_is_not_counted_as_passed(self):
        self.assertEqual(self.shell('skip a "no disk"')[1], 'ok 1 - a # SKIP no disk\n')

    def test_the_tests_of_another_program_count(self):
        status, out = self.shell('check z true\n'
                                 "forward p printf 'ok 1 - a\\nok 2 - b # SKIP no disk\\n'")
        self.assertEqual((status, out),
                         (0, 'ok 1 - z\nok 2 - p: a\nok 3 - p: b # SKIP no disk\n'))

    def test_another_program_fails(self):
        status, out = self.shell("forward p printf 'ok 1 - a\\nnot ok 2 - b\\n# because\\n"
                                 "ok 3 - c\\n'")
        self.assertEqual((status, out),
                         (1, 'ok 1 - p: a\nnot ok 2 - p: b\n# because\nok 3 - p: c\n'))
        status, out = self.shell('forward p sh -c "echo no such thing; exit 1"')
        self.assertEqual((status, out), (1, 'not ok 1 - p: it runs\n# no such thing\n'))


if __name__ == '__main__':
    unittest.main()
