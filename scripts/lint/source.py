# SPDX-License-Identifier: GPL-2.0-only
"""The files of the tree, as git knows them."""

import os
import re
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def files(*patterns):
    """Paths below the top of what is committed or could be, by git's patterns."""
    listed = subprocess.run(['git', 'ls-files', '--cached', '--others', '--exclude-standard', '--',
                             *patterns], cwd=TOP, check=True, capture_output=True, text=True)
    return sorted({path for path in listed.stdout.splitlines()
                   if os.path.exists(os.path.join(TOP, path))})


def read(path):
    with open(os.path.join(TOP, path), encoding='utf-8') as file:
        return file.read()


def cxx():
    return files('kmod/*.hpp', 'kmod/*.cpp', 'user/*.hpp', 'user/*.cpp', 'tests/*.hpp',
                 'tests/*.cpp')


def shell():
    """Scripts for sh: by name, or by their first line."""
    def is_shell(path):
        if path.endswith('.sh'):
            return True
        if os.path.splitext(path)[1] or path.startswith('docs/'):
            return False
        with open(os.path.join(TOP, path), 'rb') as file:
            return re.match(rb'#!/bin/(ba)?sh\b', file.readline()) is not None
    return [path for path in files('*') if is_shell(path)]
