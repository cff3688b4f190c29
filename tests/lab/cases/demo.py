#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What `make run` shows: the lab boots, and demo.sh runs in it."""

import argparse
import os
import sys

CASES = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(CASES))

from rmlab import File, LabError, Spec, boot, debian  # noqa: E402  (the path comes first)
from rmlab.console import Phase  # noqa: E402


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build', required=True, metavar='DIR', help="make's build folder")
    parser.add_argument('--kernel', default='6.1-cloud', help='as for tests/lab/lab.py')
    parser.add_argument('--machine', default='auto', help='as for tests/lab/lab.py')
    return parser.parse_args()


def spec(options):
    """The lab's machine with two CPUs: one for Linux, one for the guest."""
    release = debian.resolve(options.kernel).release
    files = [File(os.path.join(options.build, release, 'rmvisor.ko'), '/lab/rmvisor.ko', 0),
             File(os.path.join(options.build, 'guests'), '/lab/guests', 0),
             File(os.path.join(CASES, 'visor.sh'), '/lab/visor.sh', 0o644)]
    return Spec(script=os.path.join(CASES, 'demo.sh'), name='demo', machine=options.machine,
                cpus=2, kernel=options.kernel, files=files,
                binaries=[os.path.join(options.build, 'user', 'rmguest')])


def _show(text, phase):
    if phase is Phase.running and 'taint' not in text:
        print(text, flush=True)


def main():
    """Returns the lab's exit status."""
    options = _options()
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
