#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""rmvisor next to KVM, in TSC ticks of the lab: tables, and results.json. Every ratio is of figures
of one boot; there are three. With --here the same on this machine, one boot at a time: here.json.
"""

import argparse
import json
import os
import statistics
import sys

BENCH = os.path.dirname(os.path.realpath(__file__))
LAB = os.path.join(os.path.dirname(BENCH), 'lab')
sys.path.insert(0, LAB)

from rmlab import File, LabError, Spec, boot, debian  # noqa: E402  (the path comes first)

import compiler  # noqa: E402
import here  # noqa: E402
import ratios  # noqa: E402


# Of each: script, CPUs, memory in MiB, arguments of the kernel. CPU 0 is Linux's.
BOOTS = {
    'main': ('bench.sh', 3, 2048, ''),  # CPU 1 for owners, CPU 2 for the guest
    'one-cpu': ('one_cpu.sh', 1, 512, ''),
    'eight-cpus': ('eight_cpus.sh', 8, 512, 'isolcpus=7 nohz_full=7'),
}
COMPILING = ('main', 'one-cpu')


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build', required=True, metavar='DIR', help="make's build folder")
    parser.add_argument('--kernel', default='6.1-cloud', help='as for tests/lab/lab.py')
    parser.add_argument('--machine', default='auto', help='as for tests/lab/lab.py')
    parser.add_argument('--boot', choices=BOOTS, action='append', help='only these')
    parser.add_argument('--here', action='store_true',
                        help='not in the lab but on this machine, as '
                        'root; --boot main unless another one is given')
    return parser.parse_args()


def release_of(options):
    """The kernel's."""
    return os.uname().release if options.here else debian.resolve(options.kernel).release


def shared_files(options):
    """What the scripts find in their folder."""
    build, release = options.build, release_of(options)
    return [File(os.path.join(build, release, 'rmvisor.ko'), '/lab/rmvisor.ko', 0),
            File(os.path.join(build, f'{release}-fault', 'rmvisor.ko'), '/lab/rmvisor-fault.ko', 0),
            File(os.path.join(build, f'{release}-lab', 'rmtest.ko'), '/lab/rmtest.ko', 0),
            File(os.path.join(build, 'bench'), '/lab/bench', 0),
            File(os.path.join(BENCH, 'common.sh'), '/lab/common.sh', 0o644),
            File(os.path.join(LAB, 'cases', 'visor.sh'), '/lab/visor.sh', 0o644)]


def spec(options, name):
    """The lab's machine for one of BOOTS."""
    script, cpus, memory, append = BOOTS[name]
    return Spec(script=os.path.join(BENCH, script), name=f'bench-{name}', machine=options.machine,
                cpus=cpus, memory=memory, append=append, kernel=options.kernel, timeout=1500,
                files=shared_files(options) + (compiler.files() if name in COMPILING else []),
                modules=['kvm-intel'])


def together(first, second):
    """One more round of a measurement: the median of the rounds' medians counts."""
    rounds = first.get('rounds', [first['median']]) + [second['median']]
    return {'samples': first['samples'] + second['samples'],
            'min': min(first['min'], second['min']), 'median': round(statistics.median(rounds)),
            'p99': max(first['p99'], second['p99']), 'max': max(first['max'], second['max']),
            'rounds': rounds}


def taker(found):
    """Takes a line of a script: {who: what: figures} go into `found`."""
    def take(text, _phase):
        if not text.startswith('{"what"'):
            return
        line = json.loads(text)
        figures = found.setdefault(line.pop('who'), {})
        what = line.pop('what')
        figures[what] = together(figures[what], line) if what in figures else line

    return take


def keep(options, found):
    """What there is so far, for machines to read."""
    name, machine = (('here.json', here.model()) if options.here else
                     ('results.json', options.machine))
    with open(os.path.join(options.build, 'bench', name), 'w', encoding='utf-8') as file:
        json.dump({'kernel': release_of(options), 'machine': machine, 'ticks': found}, file,
                  indent=1)


def measure_here(options, name, found):
    """True if the script came to its end."""
    script, cpus, _, _ = BOOTS[name]
    files = shared_files(options)
    reasons = here.refusals(files, cpus, name != 'main')
    for reason in reasons:
        print(f'bench: {name}: {reason}', file=sys.stderr)
    if reasons:
        return False
    folder = os.path.join(os.path.abspath(options.build), 'bench.here')
    return here.run(os.path.join(BENCH, script), files, folder, taker(found)) == 0


def measure_in_lab(options, name, found):
    """The same for a boot of the lab."""
    result = boot(spec(options, name), taker(found), quiet=not sys.stderr.isatty())
    for reason in result.verdict.reasons:
        print(f'bench: {name}: FAILED: {reason}', file=sys.stderr)
    return result.status == 0


def main():
    """0; 1 if it failed; 127 if the lab could not start."""
    options = _options()
    found = {}
    measure = measure_here if options.here else measure_in_lab
    for name in options.boot or (['main'] if options.here else BOOTS):
        try:
            whole = measure(options, name, found)
        except LabError as error:
            print(f'lab: {error}', file=sys.stderr)
            return 127
        if found:
            keep(options, found)
        if not whole:
            return 1
    print(ratios.table(found))
    return 0


if __name__ == '__main__':
    sys.exit(main())
