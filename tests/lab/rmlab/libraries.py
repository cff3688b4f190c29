# SPDX-License-Identifier: GPL-2.0-only
"""The shared libraries that a program needs, by the loader's own answer."""

import re
import subprocess

from .errors import LabError
from .tools import tool


def parse_ldd(text):
    """(paths, names that were not found) from ldd's output."""
    missing = re.findall(r'^\s*(\S+) => not found', text, re.MULTILINE)
    paths = re.findall(r'^\s*(?:\S+ => )?(/\S+) \(0x', text, re.MULTILINE)
    return paths, missing


def libraries(binary):
    """Absolute paths of the shared libraries and the loader of `binary`; none if static."""
    result = subprocess.run([tool('ldd'), binary], capture_output=True, text=True, check=False)
    if result.returncode != 0:  # static, or not a program: nothing to bring along
        return []
    paths, missing = parse_ldd(result.stdout)
    if missing:
        raise LabError(f"--binary {binary}: shared libraries not found: {', '.join(missing)}")
    return paths
