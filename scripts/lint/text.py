# SPDX-License-Identifier: GPL-2.0-only
"""What every source has: its licence in the first lines, `#pragma once`, no trailing blanks."""

import re

from . import source

_LICENCE = 'SPDX-License-Identifier: GPL-2.0'
_SOURCES = ('*.cpp', '*.hpp', '*.c', '*.h', '*.py', '*.sh', '*.S', '*.asm', '*.inc', '*Makefile',
            '*Kbuild', '*.mk')
_TRAILING = re.compile(r'[ \t]+$', re.MULTILINE)
_WIDTH = 100


def faults(path, text):
    head = text.splitlines()[:2]
    if not any(_LICENCE in line for line in head):
        yield f'{path}: no {_LICENCE} in its first two lines'
    if path.endswith('.hpp') and '#pragma once' not in text:
        yield f'{path}: no #pragma once'
    if _TRAILING.search(text):
        line = text[:_TRAILING.search(text).start()].count('\n') + 1
        yield f'{path}:{line}: blanks at the end of the line'
    if not text.endswith('\n'):
        yield f'{path}: no newline at its end'
    if path.endswith(('.cpp', '.hpp', '.py')):
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > _WIDTH:
                yield f'{path}:{number}: {len(line)} columns, more than {_WIDTH}'


def check():
    """The faults of the tree, one line each."""
    return [fault for path in source.files(*_SOURCES) for fault in faults(path, source.read(path))]
