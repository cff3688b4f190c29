#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What `make soak HOURS=n` runs: boots of the lab, each with a random walk (soak.sh) of its own seed,
until the time is over. Stops at the first that fails; SEED=that plays it again."""

import argparse
import os
import subprocess
import sys
import time

CASES = os.path.dirname(os.path.realpath(__file__))
LAB = os.path.dirname(CASES)
sys.path.insert(0, LAB)

from rmlab import debian  # noqa: E402  (the path comes first)

# Boots take turns on these: machine, CPUs, kernel.
MACHINES = (('bochs3', 2, '6.1-cloud'), ('bochs3', 4, '6.1-cloud'), ('bochs3', 3, '6.12-cloud'))
STRESS_NG = '/usr/bin/stress-ng'


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add('--build', required=True, metavar='DIR', help="make's build folder")
    add('--hours', type=float, default=1.0)
    add('--seed', type=int, default=0, help='of the first boot; 0: from the clock')
    add('--steps', type=int, default=200, help='of one walk')
    add('--once', action='store_true', help='only the first boot: to play a seed again')
    return parser.parse_args()


def _module(options, kernel):
    release = debian.resolve(kernel).release
    path = os.path.join(options.build, release, 'rmvisor.ko')
    return path if os.path.exists(path) else None


def _command(options, seed):
    """How the launcher is called; the kernel is one whose module was built."""
    machine, cpus, kernel = MACHINES[seed % len(MACHINES)]
    module = _module(options, kernel)
    if module is None:
        machine, cpus, kernel = MACHINES[0]
        module = _module(options, kernel)
    script = os.path.join(options.build, f'soak-{seed}.sh')
    with open(script, 'w', encoding='utf-8') as file:
        file.write(f'cd /lab/cases && sh ./soak.sh {options.steps} {seed}\n')
    command = [sys.executable, os.path.join(LAB, 'lab.py'), 'run', '--quiet', '--name',
               f'soak-{seed}', '--machine', machine, '--cpus', str(cpus), '--kernel', kernel,
               '--log-dir', os.path.join(options.build, 'soak'), '--script', script,
               '--timeout', str(300 + 20 * options.steps), '--file', f'{module}:/lab/rmvisor.ko',
               '--file', f"{os.path.join(options.build, 'guests')}:/lab/guests",
               '--binary', os.path.join(options.build, 'user', 'rmguest'),
               '--binary', STRESS_NG, '--kmod', 'kvm-intel',
               '--allow-emulator', 'VMENTER FAIL', '--allow-emulator', 'Guest State Checks']
    for name in sorted(os.listdir(CASES)):
        if name.endswith('.sh'):
            command += ['--file', f'{os.path.join(CASES, name)}:/lab/cases/{name}:644']
    return command, f'{machine}, {cpus} CPUs, {kernel}'


def main():
    """Returns 0 when every walk was well."""
    options = _options()
    if _module(options, MACHINES[0][2]) is None:
        print(f'soak: no module for {MACHINES[0][2]}: make lab-build', file=sys.stderr)
        return 127
    os.makedirs(os.path.join(options.build, 'soak'), exist_ok=True)
    first = options.seed or int(time.time()) % 1_000_000 + 1
    end = time.monotonic() + 3600 * options.hours
    walks = 0
    while walks == 0 or (time.monotonic() < end and not options.once):
        seed = first + walks
        command, what = _command(options, seed)
        started = time.monotonic()
        done = subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        good = done.returncode == 0 and 'not ok' not in done.stdout
        print(f"{'ok' if good else 'not ok'} - {options.steps} steps, seed {seed}, {what}, "
              f'{time.monotonic() - started:.0f} s', flush=True)
        if not good:
            print(done.stdout[-4000:])
            print(f'make soak SEED={seed} STEPS={options.steps} ONCE=1 plays it again; logs are in '
                  f"{os.path.join(options.build, 'soak')}")
            return 1
        walks += 1
    print(f'{walks} walks of {options.steps} steps, seeds {first} to {first + walks - 1}: all well')
    return 0


if __name__ == '__main__':
    sys.exit(main())
