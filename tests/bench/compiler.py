# SPDX-License-Identifier: GPL-2.0-only
"""Debian's C compiler, for the lab: the programs that make an object of a C file."""

import os
import shutil
import subprocess

from rmlab import File, LabError
from rmlab.libraries import libraries


def _path(program):
    """Of the one that gcc starts."""
    found = subprocess.run(['gcc', f'-print-prog-name={program}'], capture_output=True, text=True,
                           check=True).stdout.strip()
    return shutil.which(found) or found


def files():
    """gcc, cc1, as and their libraries, each where it is here."""
    if not shutil.which('gcc'):
        raise LabError('gcc is not there: install the Debian package gcc')
    programs = {'/usr/bin/gcc': '/usr/bin/gcc', '/usr/bin/as': _path('as')}
    programs[_path('cc1')] = _path('cc1')
    wanted = {target: os.path.realpath(source) for target, source in programs.items()}
    for source in list(wanted.values()):
        wanted.update({library: library for library in libraries(source)})
    return [File(source, target, 0o755) for target, source in wanted.items()]
