# SPDX-License-Identifier: GPL-2.0-only
"""Modules of a Debian kernel package, with the modules they need, in load order.

The package holds no modules.dep (its post-install script makes that), so the dependencies come
from each module's own .modinfo.
"""

import lzma
import os
import re

from .errors import LabError

_DEPENDS = re.compile(rb'\0depends=([\w,-]*)\0')


def read_module(path):
    """A module's bytes, decompressed."""
    with open(path, 'rb') as file:
        data = file.read()
    return lzma.decompress(data) if path.endswith('.xz') else data


def dependencies(data):
    """Names of the modules that this module's .modinfo says it needs."""
    found = _DEPENDS.search(data)
    names = found.group(1).decode('ascii').split(',') if found else []
    return [name for name in names if name]


def index(root):
    """Canonical module name to path, for every module under `root`."""
    modules = {}
    for directory, _, files in os.walk(root):
        for name in files:
            stem, dot, suffix = name.partition('.ko')
            if dot and suffix in ('', '.xz'):
                modules[stem.replace('-', '_')] = os.path.join(directory, name)
    return modules


def closure(names, modules):
    """[(name, bytes)] of the modules and all that they need, each after what it needs."""
    ordered = {}

    def visit(name):
        name = name.replace('-', '_')
        if name in ordered:
            return
        if name not in modules:
            raise LabError(f"--kmod {name}: this kernel's package has no such module")
        data = read_module(modules[name])
        for needed in dependencies(data):
            visit(needed)
        ordered[name] = data

    for name in names:
        visit(name)
    return list(ordered.items())
