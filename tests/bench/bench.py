#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""rmvisor next to KVM in one boot of the lab, in TSC ticks: a table, and results.json."""

import argparse
import json
import os
import sys

BENCH = os.path.dirname(os.path.realpath(__file__))
LAB = os.path.join(os.path.dirname(BENCH), 'lab')
sys.path.insert(0, LAB)

from rmlab import File, LabError, Spec, boot, debian  # noqa: E402  (the path comes first)

import ratios  # noqa: E402


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build', required=True, metavar='DIR', help="make's build folder")
    parser.add_argument('--kernel', default='6.1-cloud', help='as for tests/lab/lab.py')
    parser.add_argument('--machine', default='auto', help='as for tests/lab/lab.py')
    parser.add_argument('--cpus', type=int, default=3, help='at least 3 (default: %(default)s)')
    return parser.parse_args()


def spec(options):
    """The lab's machine: CPU 0 for Linux, CPU 1 for owners, CPU 2 for the guest."""
    release = debian.resolve(options.kernel).release
    build = options.build
    files = [File(os.path.join(build, release, 'rmvisor.ko'), '/lab/rmvisor.ko', 0),
             File(os.path.join(build, f'{release}-fault', 'rmvisor.ko'), '/lab/rmvisor-fault.ko', 0),
             File(os.path.join(build, 'bench'), '/lab/bench', 0),
             File(os.path.join(LAB, 'cases', 'visor.sh'), '/lab/visor.sh', 0o644)]
    return Spec(script=os.path.join(BENCH, 'bench.sh'), name='bench', machine=options.machine,
                cpus=options.cpus, kernel=options.kernel, timeout=600, files=files,
                modules=['kvm-intel'])


def measure(options):
    """({who: {what: figures}}, the lab's result)."""
    found = {}

    def take(text, _phase):
        if not text.startswith('{"what"'):
            return
        line = json.loads(text)
        found.setdefault(line.pop('who'), {})[line.pop('what')] = line

    return found, boot(spec(options), take, quiet=not sys.stderr.isatty())


def main():
    """0; 1 if the lab failed; 127 if it could not start."""
    options = _options()
    try:
        found, result = measure(options)
    except LabError as error:
        print(f'lab: {error}', file=sys.stderr)
        return 127
    for reason in result.verdict.reasons:
        print(f'bench: FAILED: {reason}', file=sys.stderr)
    if result.status != 0:
        return 1
    table = ratios.table(found)
    print(table)
    with open(os.path.join(options.build, 'bench', 'results.json'), 'w', encoding='utf-8') as file:
        json.dump({'kernel': debian.resolve(options.kernel).release, 'machine': options.machine,
                   'cpus': options.cpus, 'ticks': found}, file, indent=1)
    return 0


if __name__ == '__main__':
    sys.exit(main())
