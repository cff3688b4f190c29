# SPDX-License-Identifier: GPL-2.0-only
"""How long files and functions are: none above the limit, and the longest ones by name.

A function is found by its braces as clang-format and the kernel's style set them: its last line is
a brace as far in as its first.
"""

import re
import statistics

from . import source

FILE_LIMIT = 500
FUNCTION_LIMIT = 80
# path: why it is longer.
LONG_FILES = {}
# Functions that are one table.
LONG_FUNCTIONS = ('tests/unit/entry_check/guest_cases.cpp',)

_OPENS = re.compile(r'^(\s*)(?!.*\b(?:namespace|class|struct|union|enum|extern "C")\b)'
                    r'(?:.*\)[^;=]*|.*[\w&>]\(.*)\{$')
_CONTROL = re.compile(
    r'^\s*(?:\}?\s*else\b|if\b|for\b|while\b|switch\b|do\b|return\b|case\b|catch\b)')


def functions(text):
    """[(first line from 1, lines)] of a source's functions."""
    lines = text.splitlines()
    found = []
    skip_to = 0
    for number, line in enumerate(lines):
        if number < skip_to:
            continue
        kernel = line == '{'  # kernel style: the brace of a function stands alone
        opens = None if kernel else _OPENS.match(line)
        if not kernel and (not opens or _CONTROL.match(line)):
            continue
        end = ('' if kernel else opens.group(1)) + '}'
        for last in range(number + 1, len(lines)):
            if lines[last].startswith(end):
                found.append((number + 1, last - number + 1))
                skip_to = last + 1
                break
    return found


def _sources():
    return source.files('*.cpp', '*.hpp', '*.c', '*.h', '*.py', '*.sh', '*.S', '*.asm', '*.inc')


def check():
    """The faults, one line each."""
    found = []
    for path in _sources():
        text = source.read(path)
        count = len(text.splitlines())
        if count > FILE_LIMIT and path not in LONG_FILES:
            found.append(f'{path}: {count} lines, more than {FILE_LIMIT}')
        if path.endswith(('.cpp', '.hpp', '.c', '.h')) and path not in LONG_FUNCTIONS:
            found += [f'{path}:{first}: a function of {lines} lines, more than {FUNCTION_LIMIT}'
                      for first, lines in functions(text) if lines > FUNCTION_LIMIT]
    return found


def report():
    """What the sizes are, part by part."""
    lines = []
    for part in ('kmod/shim', 'kmod', 'user', 'tests'):
        paths = [path for path in source.files(f'{part}/*.cpp', f'{part}/*.hpp', f'{part}/*.[ch]')
                 if part != 'kmod' or not path.startswith('kmod/shim/')]
        sizes = {path: len(source.read(path).splitlines()) for path in paths}
        spans = {(path, first): count for path in paths
                 for first, count in functions(source.read(path))}
        if not sizes or not spans:
            continue
        longest, (where, first) = max(sizes, key=sizes.get), max(spans, key=spans.get)
        lines.append(f'{part}: {len(sizes)} files, median {statistics.median(sizes.values()):.0f} '
                     f'lines, longest {sizes[longest]} ({longest}); {len(spans)} functions, median '
                     f'{statistics.median(spans.values()):.0f}, longest {spans[where, first]} '
                     f'({where}:{first})')
    return lines
