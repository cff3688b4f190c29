# SPDX-License-Identifier: GPL-2.0-only
"""The assembly's mutants, which no unit test can run: each goes into a copy of the tree, is built
there, and has to make its case of the lab fail."""

import filecmp
import json
import os
import shutil
import subprocess
import time
import tomllib

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
_TABLE = os.path.join(os.path.dirname(os.path.realpath(__file__)), 'entry.toml')
_FOLDER = 'kmod/vmx'


def load():
    """The rows of the table."""
    with open(_TABLE, 'rb') as file:
        return tomllib.load(file)['mutants']


def mutated(text, row):
    """The text with that one line changed."""
    lines = text.splitlines()
    stripped = [line.strip() for line in lines]
    begin = stripped.index(row['below']) + 1 if 'below' in row else 0
    at = stripped.index(row['line'], begin)
    lines[at] = '\t' + row['becomes']
    return '\n'.join(lines) + '\n'


def _read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def _write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def _copy(tree):
    """What git knows of, as it is here; what was built in the copy stays."""
    names = subprocess.run(['git', 'ls-files', '-z'], cwd=TOP, check=True, capture_output=True,
                           text=True).stdout.split('\0')
    for name in filter(None, names):
        source, to = os.path.join(TOP, name), os.path.join(tree, name)
        if not os.path.exists(source):
            continue
        # The same text keeps its time, and nothing is built again; another is newer than the build.
        if not (os.path.exists(to) and filecmp.cmp(source, to, shallow=False)):
            os.makedirs(os.path.dirname(to), exist_ok=True)
            shutil.copy(source, to)


def _verdict(tree, case):
    """What tests/run says of the case: it fails, passes, or could not be run."""
    subprocess.run(['tests/run', '--jobs', '1', '--case', case], cwd=tree, check=False,
                   stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    with open(os.path.join(tree, 'build', 'test-results.json'), encoding='utf-8') as file:
        results = json.load(file)['cases']
    outcomes = {one['name']: one['outcome'] for one in results if one['tier'] == 'lab'}
    if any(one['tier'] == 'build' and one['outcome'] != 'passed' for one in results):
        return 'not built'
    return {'passed': 'survived', 'failed': 'killed'}.get(outcomes.get(case), 'not run')


def _judge(tree, row):
    path = os.path.join(tree, _FOLDER, row['file'])
    before = _read(path)
    _write(path, mutated(before, row))
    try:
        return _verdict(tree, row['case'])
    finally:
        _write(path, before)


def judge(options):
    """Prints a line for each; returns whether all were killed."""
    tree = os.path.join(options.build, 'entry-tree')
    rows = [row for row in load() if options.only in f"{row['file']} {row['name']} {row['case']}"]
    _copy(tree)
    started, verdicts, sound = time.monotonic(), [], set()
    for row in rows:
        if options.seconds and time.monotonic() - started > options.seconds:
            break
        if row['case'] not in sound and _verdict(tree, row['case']) != 'survived':
            raise RuntimeError(f"{row['case']} does not pass without a mutant; "
                               f'see {tree}/build/test-logs')
        sound.add(row['case'])
        verdicts.append(_judge(tree, row))
        print(f"{verdicts[-1]:<10}{row['file']}: {row['name']} ({row['case']})", flush=True)
    print(f"\n{len(verdicts)} of {len(rows)} mutants of entry.S: {verdicts.count('killed')} killed")
    return verdicts.count('killed') == len(rows)
