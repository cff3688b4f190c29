#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What `make run` shows: the lab boots, and one of the demonstrations runs in it."""

import argparse
import os
import sys
from typing import NamedTuple

CASES = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(CASES))

from rmlab import File, LabError, Spec, boot, debian  # noqa: E402  (the path comes first)
from rmlab.console import Phase  # noqa: E402


class Demo(NamedTuple):
    script: str
    about: str
    needs_rmtest: bool


DEMOS = {
    'hello': Demo('demo.sh', 'a real-mode guest on a CPU of its own, exit by exit', False),
    'init': Demo('demo_init.sh', 'INITs, from a guest itself and from outside', True),
    'smi': Demo('demo_smi.sh', 'SMIs at a guest, and a handler that does not return', True),
}


def _options(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--demo', default='hello', metavar='NAME',
                        help=f'one of {", ".join(DEMOS)} (default: hello)')
    parser.add_argument('--check', action='store_true', help='only whether there is that one')
    parser.add_argument('--build', metavar='DIR', default='build', help="make's build folder")
    parser.add_argument('--kernel', default='6.1-cloud', help='as for tests/lab/lab.py')
    parser.add_argument('--machine', default='auto', help='as for tests/lab/lab.py')
    return parser.parse_args(arguments)


def spec(options):
    """The lab's machine with two CPUs: one for Linux, one for the guest."""
    demo = DEMOS[options.demo]
    release = debian.resolve(options.kernel).release
    files = [File(os.path.join(options.build, release, 'rmvisor.ko'), '/lab/rmvisor.ko', 0),
             File(os.path.join(options.build, 'guests'), '/lab/guests', 0)]
    if demo.needs_rmtest:
        rmtest = os.path.join(options.build, f'{release}-lab', 'rmtest.ko')
        files.append(File(rmtest, '/lab/rmtest.ko', 0))
    for script in ('visor.sh', 'demo_steps.sh'):
        files.append(File(os.path.join(CASES, script), f'/lab/{script}', 0o644))
    return Spec(script=os.path.join(CASES, demo.script), name='demo', machine=options.machine,
                cpus=2, kernel=options.kernel, files=files,
                binaries=[os.path.join(options.build, 'user', 'rmguest')])


def _show(text, phase):
    if phase is Phase.running and 'taint' not in text:
        print(text, flush=True)


def main(arguments=None):
    """Returns the lab's exit status."""
    options = _options(arguments)
    if options.demo not in DEMOS:
        print(f"demo: there is no DEMO={options.demo}; there are", file=sys.stderr)
        for name, demo in DEMOS.items():
            print(f'  {name:6} {demo.about}', file=sys.stderr)
        return 2
    if options.check:
        return 0
    print('A Debian kernel boots in an emulated PC, and rmvisor does its work in there. Nothing '
          'happens to this machine.', flush=True)
    try:
        result = boot(spec(options), _show, quiet=False)
    except LabError as error:
        print(f'lab: {error}', file=sys.stderr)
        return 127
    for reason in result.verdict.reasons:
        print(f'demo: FAILED: {reason}', file=sys.stderr)
    print(f'The lab ended with exit status {result.status} after {result.seconds:.0f} s.')
    return result.status


if __name__ == '__main__':
    sys.exit(main())
