# SPDX-License-Identifier: GPL-2.0-only
"""Modules of a Debian kernel package, with the modules they need, in load order.

The package holds no modules.dep (its post-install script makes that), so the dependencies come
from each module's own .modinfo.
"""

import lzma
import os
import re
import struct

from .errors import LabError

# include/linux/module_signature.h: what ends a signed module, after a 12-byte record whose last
# word is the big-endian length of the signature before it.
_SIGNED = b'~Module signature appended~\n'
_SIGNATURE_RECORD = struct.Struct('>8xI')
_DEPENDS = re.compile(rb'\0depends=([\w,-]*)\0')


def read_module(path):
    """A module's bytes, decompressed and without signature."""
    with open(path, 'rb') as file:
        data = file.read()
    return unsigned(lzma.decompress(data) if path.endswith('.xz') else data)


def unsigned(data):
    """The module without its signature: hashing kvm.ko takes an emulator five guest seconds, for
    a key that spec.py keeps the kernel from loading."""
    if not data.endswith(_SIGNED):
        return data
    body = data[:-len(_SIGNED)]
    length, = _SIGNATURE_RECORD.unpack(body[-_SIGNATURE_RECORD.size:])
    return body[:-_SIGNATURE_RECORD.size - length]


def dependencies(data):
    """Names of the modules that this module's .modinfo says it needs."""
    found = _DEPENDS.search(data)
    names = found.group(1).decode('ascii').split(',') if found else []
    return [name.replace('-', '_') for name in names if name]


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


def needed(name, found):
    """Names of what one module of closure()'s answer needs, in load order."""
    wanted = {name}
    for other, data in reversed(found):
        if other in wanted:
            wanted.update(dependencies(data))
    return [other for other, _ in found if other in wanted and other != name]
