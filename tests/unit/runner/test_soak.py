# SPDX-License-Identifier: GPL-2.0-only
"""`make soak`: a seed is a walk, and the table of machines is whole."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

import common

CASES = os.path.join(common.TESTS, 'lab', 'cases')
sys.path.insert(0, CASES)

import soak  # noqa: E402  (the path comes first)

KINDS = {'module', 'cpu', 'guest', 'killed', 'chaos', 'trace', 'kvm', 'stats', 'nmi', 'smi', 'init',
         'ipi', 'perf'}


def plan(steps, seed, cpus=4):
    """The lines that a walk follows."""
    script = f'. ./walk.sh; . ./soak_plan.sh; steps={steps}; plan_of {steps} {seed} {cpus}'
    done = subprocess.run(['sh', '-c', script], cwd=CASES, check=True, capture_output=True,
                          text=True)
    return done.stdout.splitlines()


class Plan(unittest.TestCase):
    def test_a_seed_is_a_walk(self):
        self.assertEqual(plan(200, 4711), plan(200, 4711))
        self.assertNotEqual(plan(200, 4711), plan(200, 4712))

    def test_a_long_walk_has_steps_of_every_kind(self):
        lines = plan(200, 4711)
        self.assertEqual(len(lines), 200)
        self.assertEqual({line.split()[0] for line in lines}, KINDS)

    def test_the_walk_knows_every_kind(self):
        with open(os.path.join(CASES, 'soak.sh'), encoding='utf-8') as file:
            text = file.read()
        known = set(re.findall(r'[a-z]+', ' '.join(re.findall(r'^ +([a-z |]+)\) ', text, re.M))))
        self.assertEqual(known, KINDS)

    def test_the_short_walk_of_every_test_run_storms(self):
        with open(os.path.join(CASES, 'cases.toml'), encoding='utf-8') as file:
            steps, seed = re.search(r'\[soak-walk\]\nscript = "soak.sh"\narguments = \["(\d+)", '
                                    r'"(\d+)"\]', file.read()).groups()
        kinds = {line.split()[0] for line in plan(steps, seed, 2)}
        self.assertLessEqual({'module', 'guest', 'killed', 'nmi', 'smi', 'init', 'perf'}, kinds)


    def test_what_was_walked_is_written_down_whatever_a_step_calls_its_variables(self):
        script = ('. ./walk.sh; . ./soak_plan.sh; steps=20 seed=4; number_of_cpus() { echo 2; };'
                  'step() { what=$1 number=7; }; settled() { number=8; }; walk')
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(['sh', '-c', script], cwd=CASES, check=True,
                           env={**os.environ, 'walk_folder': folder})
            with open(os.path.join(folder, 'walked'), encoding='utf-8') as file:
                self.assertEqual(file.read().splitlines(), plan(20, 4, 2))

    def test_the_launcher_alone_judges_the_log(self):
        # It knows what a machine's kernel may complain of.
        for name in ('soak.sh', 'walk.sh'):
            with open(os.path.join(CASES, name), encoding='utf-8') as file:
                self.assertNotIn('new_log', file.read(), name)


class Machines(unittest.TestCase):
    def test_models_whose_cpuid_tells_another_clock_have_no_tsc(self):
        for row in soak.machines():
            if row['cpu_model'] in ('corei7_skylake_x', 'tigerlake'):
                self.assertIn('tsc=unstable', row['append'], soak.name_of(row))

    def test_every_row_is_whole_and_different(self):
        rows = soak.machines()
        self.assertEqual(len({soak.name_of(row) for row in rows}), len(rows))
        self.assertGreater(len({row['kernel'] for row in rows}), 3)
        self.assertGreater(len({row['cpu_model'] for row in rows}), 2)
        self.assertGreater(len({row['cpus'] for row in rows}), 2)

    def test_a_seed_is_a_machine_and_seeds_in_a_row_reach_all(self):
        rows = soak.machines()
        reached = [soak.machine_of(seed, rows) for seed in range(100, 100 + len(rows))]
        self.assertCountEqual(reached, rows)

    def test_as_many_walks_as_asked_for(self):
        def claimed(*more):
            walks = soak.Soak(soak.options_of(['--build', '/nowhere', '--seed', '5', *more]))
            return [walks._claim() for _ in range(4)]  # pylint: disable=protected-access
        self.assertEqual(claimed('--walks', '3'), [5, 6, 7, None])
        self.assertEqual(claimed('--once'), [5, None, None, None])
        self.assertEqual(claimed('--hours', '0'), [5, None, None, None])
        self.assertEqual(claimed(), [5, 6, 7, 8])

    def test_the_walk_is_told_its_seed_and_what_to_leave_out(self):
        build = self.enterContext(tempfile.TemporaryDirectory())
        options = soak.options_of(['--build', build, '--steps', '9'])
        os.mkdir(os.path.join(options.build, 'soak'))
        row = {**soak.DEFAULTS, 'without': ['init'], 'cpu_model': 'model'}
        command = soak.command_of(row, ('a.ko', 'b.ko'), options, 77)
        with open(command[command.index('--script') + 1], encoding='utf-8') as file:
            self.assertIn('soak.sh 9 77 init', file.read())
        self.assertEqual(command[command.index('--cpu-model') + 1], 'model')


if __name__ == '__main__':
    unittest.main()
