# SPDX-License-Identifier: GPL-2.0-only
"""Who may include whom: x86 <- vmx <- ept <- exit <- rm_guest <- visor, and the border.

Shim and visor meet in the border's headers only. Only the shim includes the kernel's headers, only
the visor C++ ones, and of these what a freestanding implementation has. user/ has of kmod/ what
only tells facts of the architecture: no state, no policy.
"""

import re

from . import source

LAYERS = ('x86', 'vmx', 'ept', 'exit', 'rm_guest', 'visor')
BORDER = ('abi.h', 'abi_types.h', 'vcpu_abi.h', 'fault_abi.h', 'trial_abi.h',
          'linux/rmvisor.h')
# In libstdc++'s freestanding list, or header-only without a hosted dependency in GCC 12.
FREESTANDING = ('array', 'bit', 'compare', 'concepts', 'cstddef', 'cstdint', 'iterator', 'limits',
                'new', 'optional', 'span', 'type_traits', 'utility', 'initializer_list')
# What user/ shares with the visor, with the folders below.
SHARED_FOLDERS = ('x86/',)
SHARED = ('exit/reason.hpp', 'exit/qualification.hpp', 'vmx/controls.hpp', 'vmx/ept_vpid_cap.hpp')
# (file, include): why it may.
EXCEPTIONS = {
    ('kmod/vmx/cpu.hpp', 'rm_guest/apic/vcpu_apic.hpp'):
        "one CPU's memory is one struct, and its guest's APIC is part of it",
}

# What entry.S includes from beside it.
_OF_ENTRY = ('entry_offsets.h', 'entry_registers.h', 'quick_cpuid.h')

_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def includes(text):
    """[(is it "quoted", path)] in order."""
    return [(quote == '"', path) for quote, path in _INCLUDE.findall(text)]


def _fault_in_visor(layer, quoted, path):
    if path in BORDER:
        return None
    if not quoted:
        return None if path in FREESTANDING else f'<{path}> is not freestanding C++'
    folder = path.split('/')[0]
    if folder not in LAYERS:
        return None if path.endswith(_OF_ENTRY) else f'"{path}" is outside the visor'
    if LAYERS.index(folder) > LAYERS.index(layer):
        return f'"{path}": {layer} comes before {folder}'
    return None


def _fault_in_shim(quoted, path):
    folder = path.split('/')[0]
    if not quoted and folder not in ('linux', 'asm', 'trace', 'uapi'):
        return f'<{path}> is no kernel header'
    if path.endswith('.hpp') or folder in LAYERS:
        return f'"{path}" belongs to the visor: only {", ".join(BORDER)} cross the border'
    return None


def _fault_in_user(quoted, path):
    folder = path.split('/')[0]
    if path in SHARED or path.startswith(SHARED_FOLDERS):
        return None
    if quoted and (folder in LAYERS or folder == 'shim' or path in BORDER[:-1]):
        return f'"{path}" is not shared with programs'
    return None


def fault(path, quoted, include):
    """Why `path` may not include that, None if it may."""
    if (path, include) in EXCEPTIONS:
        return None
    parts = path.split('/')
    if parts[0] == 'user':
        return _fault_in_user(quoted, include)
    if parts[0] != 'kmod':
        return None
    if len(parts) == 2:
        return None if include in BORDER else f'"{include}": the border includes only itself'
    if parts[1] == 'shim':
        return _fault_in_shim(quoted, include)
    if parts[1] not in LAYERS:
        return f'kmod/{parts[1]} is no known layer'
    return _fault_in_visor(parts[1], quoted, include)


def check():
    """The faults of the tree, one line each."""
    found = []
    for path in source.files('kmod/*.[ch]', 'kmod/*.cpp', 'kmod/*.hpp', 'kmod/*.S', 'user/*.cpp',
                             'user/*.hpp'):
        for quoted, include in includes(source.read(path)):
            why = fault(path, quoted, include)
            if why:
                found.append(f'{path}: {why}')
    return found
