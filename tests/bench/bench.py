#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""rmvisor next to KVM, in TSC ticks of the lab: tables, and results.json. Every ratio is of figures
of one boot; there are three."""

import argparse
import json
import os
import sys

BENCH = os.path.dirname(os.path.realpath(__file__))
LAB = os.path.join(os.path.dirname(BENCH), 'lab')
sys.path.insert(0, LAB)

from rmlab import File, LabError, Spec, boot, debian  # noqa: E402  (the path comes first)

import ratios  # noqa: E402


# Of each: script, CPUs, memory in MiB, arguments of the kernel. CPU 0 is Linux's. Without MONITOR
# (clearcpuid=131) where CPUs go offline: an emulator stalls while several of them wait by it.
BOOTS = {
    'main': ('bench.sh', 3, 2048, ''),  # CPU 1 for owners, CPU 2 for the guest
    'one-cpu': ('one_cpu.sh', 1, 512, ''),
    'eight-cpus': ('eight_cpus.sh', 8, 512, 'clearcpuid=131 isolcpus=7 nohz_full=7'),
}


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build', required=True, metavar='DIR', help="make's build folder")
    parser.add_argument('--kernel', default='6.1-cloud', help='as for tests/lab/lab.py')
    parser.add_argument('--machine', default='auto', help='as for tests/lab/lab.py')
    parser.add_argument('--boot', choices=BOOTS, action='append', help='only these')
    return parser.parse_args()


def spec(options, name):
    """The lab's machine for one of BOOTS."""
    script, cpus, memory, append = BOOTS[name]
    release = debian.resolve(options.kernel).release
    build = options.build
    files = [File(os.path.join(build, release, 'rmvisor.ko'), '/lab/rmvisor.ko', 0),
             File(os.path.join(build, f'{release}-fault', 'rmvisor.ko'), '/lab/rmvisor-fault.ko', 0),
             File(os.path.join(build, f'{release}-lab', 'rmtest.ko'), '/lab/rmtest.ko', 0),
             File(os.path.join(build, 'bench'), '/lab/bench', 0),
             File(os.path.join(BENCH, 'common.sh'), '/lab/common.sh', 0o644),
             File(os.path.join(LAB, 'cases', 'visor.sh'), '/lab/visor.sh', 0o644)]
    return Spec(script=os.path.join(BENCH, script), name=f'bench-{name}', machine=options.machine,
                cpus=cpus, memory=memory, append=append, kernel=options.kernel, timeout=1500,
                files=files, modules=['kvm-intel'])


def measure(options, name, found):
    """The lab's result; {who: {what: figures}} go into `found`."""
    def take(text, _phase):
        if not text.startswith('{"what"'):
            return
        line = json.loads(text)
        found.setdefault(line.pop('who'), {})[line.pop('what')] = line

    return boot(spec(options, name), take, quiet=not sys.stderr.isatty())


def keep(options, found):
    """What there is so far, for machines to read."""
    with open(os.path.join(options.build, 'bench', 'results.json'), 'w', encoding='utf-8') as file:
        json.dump({'kernel': debian.resolve(options.kernel).release, 'machine': options.machine,
                   'ticks': found}, file, indent=1)


def main():
    """0; 1 if the lab failed; 127 if it could not start."""
    options = _options()
    found = {}
    for name in options.boot or BOOTS:
        try:
            result = measure(options, name, found)
        except LabError as error:
            print(f'lab: {error}', file=sys.stderr)
            return 127
        for reason in result.verdict.reasons:
            print(f'bench: {name}: FAILED: {reason}', file=sys.stderr)
        keep(options, found)
        if result.status != 0:
            return 1
    print(ratios.table(found))
    return 0


if __name__ == '__main__':
    sys.exit(main())
