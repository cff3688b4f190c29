#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What `make soak HOURS=n` runs: boots of the lab, each with a random walk (soak.sh) of its own
seed, on the machines of soak_machines.toml in turns, until the time is over or all WALKS are done.
Stops at the first that fails; SEED=that plays it again. Ends with a table of the machines."""

import argparse
import concurrent.futures
import os
import shlex
import subprocess
import sys
import threading
import time
import tomllib

CASES = os.path.dirname(os.path.realpath(__file__))
LAB = os.path.dirname(CASES)
TOP = os.path.dirname(os.path.dirname(LAB))
sys.path.insert(0, LAB)

from rmlab import debian  # noqa: E402  (the path comes first)

STRESS_NG = '/usr/bin/stress-ng'
DEFAULTS = {'machine': 'bochs3', 'cpus': 2, 'cpu_model': '', 'kernel': '6.1-cloud', 'append': '',
            'allow_dmesg': [], 'without': []}


def machines():
    """The rows of the table, whole."""
    with open(os.path.join(CASES, 'soak_machines.toml'), 'rb') as file:
        rows = tomllib.load(file)['machines']
    for row in rows:
        unknown = set(row) - set(DEFAULTS)
        if unknown:
            raise ValueError(f"soak_machines.toml: {', '.join(sorted(unknown))} is unknown")
    return [{**DEFAULTS, **row} for row in rows]


def machine_of(seed, rows):
    """The same for a seed that is played again."""
    return rows[seed % len(rows)]


def name_of(row):
    """For people."""
    model = f", {row['cpu_model']}" if row['cpu_model'] else ''
    return f"{row['machine']}, {row['cpus']} CPUs, {row['kernel']}{model}"


def options_of(arguments):
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add('--build', required=True, metavar='DIR', help="make's build folder")
    add('--hours', type=float, default=1.0, help='no walk begins after this time')
    add('--walks', type=int, default=0, help='no more than this number; 0: as many as the time has')
    add('--seed', type=int, default=0, help='of the first boot; 0: from the clock')
    add('--steps', type=int, default=200, help='of one walk')
    add('--jobs', type=int, default=os.cpu_count() or 1, help='boots side by side')
    add('--once', action='store_true', help='only the first boot: to play a seed again')
    return parser.parse_args(arguments)


class Modules:
    """Of each kernel, built when the first walk wants it."""

    def __init__(self, build):
        self._build, self._lock, self._known = build, threading.Lock(), {}

    def of(self, kernel):
        """(rmvisor.ko, rmtest.ko), or a text that says why not."""
        with self._lock:
            if kernel not in self._known:
                self._known[kernel] = self._make(debian.resolve(kernel).release)
            return self._known[kernel]

    def _make(self, release):
        headers = f'/lib/modules/{release}/build'
        if not os.path.exists(headers):
            return f'no headers: apt-get install linux-headers-{release}'
        for target in ('module', 'lab-modules'):
            done = subprocess.run(['make', '-C', TOP, target, f'BUILD={self._build}',
                                   f'KVER={release}', f'KDIR={headers}'], check=False, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode != 0:
                raise RuntimeError(done.stdout[-4000:])
        return (os.path.join(self._build, release, 'rmvisor.ko'),
                os.path.join(self._build, f'{release}-lab', 'rmtest.ko'))


def command_of(row, modules, options, seed):
    """How the launcher is called."""
    script = os.path.join(options.build, 'soak', f'{seed}.sh')
    words = [str(options.steps), str(seed), *row['without']]
    with open(script, 'w', encoding='utf-8') as file:
        file.write(f'cd /lab/cases && sh ./soak.sh {shlex.join(words)}\n')
    command = [sys.executable, os.path.join(LAB, 'lab.py'), 'run', '--quiet', '--name',
               f'soak-{seed}', '--machine', row['machine'], '--cpus', str(row['cpus']),
               '--kernel', row['kernel'], '--append', row['append'],
               '--log-dir', os.path.join(options.build, 'soak'), '--script', script,
               '--timeout', str(300 + 20 * options.steps),
               '--file', f'{modules[0]}:/lab/rmvisor.ko', '--file', f'{modules[1]}:/lab/rmtest.ko',
               '--file', f"{os.path.join(options.build, 'guests')}:/lab/guests",
               '--binary', os.path.join(options.build, 'user', 'rmguest'),
               '--binary', STRESS_NG, '--kmod', 'kvm-intel',
               '--allow-emulator', 'VMENTER FAIL', '--allow-emulator', 'Guest State Checks']
    if row['cpu_model']:
        command += ['--cpu-model', row['cpu_model']]
    for pattern in row['allow_dmesg']:
        command += ['--allow-dmesg', pattern]
    for name in sorted(os.listdir(CASES)):
        if name.endswith('.sh'):
            command += ['--file', f'{os.path.join(CASES, name)}:/lab/cases/{name}:644']
    return command


class Soak:
    """Walks, side by side, and what came of them."""

    def __init__(self, options):
        self._options, self._rows = options, machines()
        self._modules = Modules(options.build)
        self._lock = threading.Lock()
        self._first = options.seed or int(time.time()) % 1_000_000 + 1
        self._next, self._end = self._first, time.monotonic() + 3600 * options.hours
        self._results = {}
        self.failed = False

    def _claim(self):
        with self._lock:
            begun = self._next - self._first
            walks = 1 if self._options.once else self._options.walks
            if self.failed or begun and (begun == walks or time.monotonic() > self._end):
                return None
            self._next += 1
            return self._next - 1

    def _record(self, row, seed, seconds, output, good):
        with self._lock:
            self._results.setdefault(name_of(row), []).append((good, seconds))
            self.failed = self.failed or not good
            print(f"{'ok' if good else 'not ok'} - {self._options.steps} steps, seed {seed}, "
                  f'{name_of(row)}, {seconds:.0f} s', flush=True)
            if not good:
                print(output[-4000:])
                print(f'make soak SEED={seed} STEPS={self._options.steps} ONCE=1 plays it again; '
                      f"logs are in {os.path.join(self._options.build, 'soak')}")

    def _walk(self, seed):
        row = machine_of(seed, self._rows)
        modules = self._modules.of(row['kernel'])
        if isinstance(modules, str):
            with self._lock:
                self._results.setdefault(name_of(row), [])
                print(f'ok - seed {seed}, {name_of(row)} # SKIP {modules}', flush=True)
            return
        started = time.monotonic()
        done = subprocess.run(command_of(row, modules, self._options, seed), check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._record(row, seed, time.monotonic() - started, done.stdout,
                     done.returncode == 0 and 'not ok' not in done.stdout)

    def work(self):
        """One of the jobs."""
        while (seed := self._claim()) is not None:
            self._walk(seed)

    def report(self):
        """The table."""
        print(f"\n{'machine':<46}{'walks':>6}{'failed':>8}{'wall time':>11}")
        for row in self._rows:
            results = self._results.get(name_of(row))
            if results is None:
                print(f'{name_of(row):<46}{0:>6}  not reached')
                continue
            print(f'{name_of(row):<46}{len(results):>6}{sum(not good for good, _ in results):>8}'
                  f'{sum(seconds for _, seconds in results):>9.0f} s')
        print(f"seeds {self._first} to {self._next - 1}, {self._options.steps} steps each: "
              f"{'one failed' if self.failed else 'all well'}")


def main():
    """Returns 0 when every walk was well."""
    options = options_of(sys.argv[1:])
    options.build = os.path.abspath(options.build)
    os.makedirs(os.path.join(options.build, 'soak'), exist_ok=True)
    soak = Soak(options)
    jobs = 1 if options.once else options.jobs
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for done in [pool.submit(soak.work) for _ in range(jobs)]:
            done.result()
    soak.report()
    return 1 if soak.failed else 0


if __name__ == '__main__':
    sys.exit(main())
