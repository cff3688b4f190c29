#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Puts the figures of build/bench/results.json into docs/benchmark.md, docs/benchmark.json and
README.md, between <!-- NAME --> and <!-- end -->. With --check it writes nothing, and fails where
the tables are not those of docs/benchmark.json."""

import argparse
import json
import os
import re
import shutil
import sys

import ratios

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
FIGURES = os.path.join(TOP, 'docs', 'benchmark.json')
DOCUMENTS = [os.path.join(TOP, 'docs', 'benchmark.md'), os.path.join(TOP, 'README.md')]
BLOCK = re.compile(r'(<!-- ([a-zA-Z ]+) -->\n).*?(<!-- end -->)', re.DOTALL)

# Of the README's table: name, what it is, who under rmvisor, who under KVM.
SHORT = (
    ('CPUID in Linux under rmvisor (KVM: in a guest)', 'cpuid', 'rmvisor linux', 'kvm'),
    ('the same, every exit traced', 'cpuid', 'rmvisor linux, trace', 'kvm, trace'),
    ('CPUID in a guest', 'cpuid', 'rmvisor', 'kvm'),
    ('OUT to user space and back', 'out to user space', 'rmvisor', 'kvm'),
    ('the same, to an owner that sleeps', 'out to an owner that sleeps', 'rmvisor', 'kvm'),
    ('kick: from the request to the exit', 'kick alone', 'rmvisor', 'kvm'),
    ("signal to `KVM_RUN`'s return", "signal to KVM_RUN's return", 'rmvisor', 'kvm'),
    ('longest gap in a guest that only reads the TSC', 'longest gap', 'rmvisor', 'kvm'),
)


def short(found):
    """The README's table, and what Linux pays."""
    yield '| | rmvisor | KVM |'
    yield '|---|---:|---:|'
    for name, what, ours, theirs in SHORT:
        yield f"| {name} | {found[ours][what]['median']:,} | {found[theirs][what]['median']:,} |"
    yield ''
    yield '| Linux | without the module | with it |'
    yield '|---|---:|---:|'
    for name, before, loaded, _, _ in ratios.loads(found):
        yield f'| {name} | {before:,} | {loaded:,} |'
    yield ''
    yield (f"The least that a CPUID exit can cost there is "
           f"{found['floor linux']['floor']['median']} ticks.")


def filled(text, data):
    """The document with every block made anew."""
    blocks = {**ratios.BLOCKS, 'short': short,
              'machine': lambda _: [
                  f"Kernel {data['kernel']}, machine `{data['machine']}`, medians."]}

    def block(match):
        begin, name, end = match.groups()
        return begin + '\n' + '\n'.join(blocks[name](data['ticks'])) + '\n\n' + end

    return BLOCK.sub(block, text)


def read(path):
    """Its text."""
    with open(path, encoding='utf-8') as file:
        return file.read()


def check():
    """0; 1 where a document's tables are not made of docs/benchmark.json."""
    data = json.loads(read(FIGURES))
    stale = [path for path in DOCUMENTS if filled(read(path), data) != read(path)]
    for path in stale:
        print(f'{os.path.relpath(path, TOP)}: its tables are not those of docs/benchmark.json: '
              'run tests/bench/document.py')
    return 1 if stale else 0


def main():
    """Writes, or checks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--results', metavar='FILE', help='of make bench; default: those that are '
                        'in docs/benchmark.json already')
    parser.add_argument('--check', action='store_true')
    options = parser.parse_args()
    if options.check:
        return check()
    if options.results:
        shutil.copy(options.results, FIGURES)
    data = json.loads(read(FIGURES))
    for path in DOCUMENTS:
        text = filled(read(path), data)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
    return 0


if __name__ == '__main__':
    sys.exit(main())
