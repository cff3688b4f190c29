# SPDX-License-Identifier: GPL-2.0-only
"""A Debian kernel that an emulator need not unpack.

An XZ kernel takes an emulator most of a minute to decompress, the others seconds. Here the host
does it, and kernel/unpacked.asm takes the decompressor's place in the bzImage: the kernel is the
same to the byte, and is entered in the state that the decompressor leaves.
"""

import hashlib
import os
import struct
import subprocess
from dataclasses import dataclass

from . import cache
from .errors import LabError
from .tools import tool

_STUB = os.path.join(os.path.dirname(__file__), '..', 'kernel', 'unpacked.asm')
_STUB_TABLE = 0x1000  # `entry` in it, and `segments` behind that
# What unpacks a kernel, by its first bytes.
_TOOLS = {b'\xfd7zXZ': 'xz', b'\x28\xb5\x2f\xfd': 'zstd', b'\x02\x21\x4c\x18': 'lz4'}

# Fields of the setup header: Documentation/x86/boot.rst, "The Real-Mode Kernel Header".
_SETUP_SECTS = 0x1f1
_SYSSIZE = 0x1f4
_RELOCATABLE = 0x234
_XLOADFLAGS = 0x236
_PAYLOAD = 0x248  # offset and length

_ELF_HEADER = struct.Struct('<16sHHIQQQIHHHHHH')
_PROGRAM_HEADER = struct.Struct('<IIQQQQQQ')
_PT_LOAD = 1


@dataclass(frozen=True)
class Segment:
    """What goes to one physical address, and how much memory it is with the zeros behind it."""
    address: int
    data: bytes
    size: int


def payload(image):
    """What a bzImage unpacks: an ELF file, compressed."""
    setup = ((image[_SETUP_SECTS] or 4) + 1) * 512
    offset, length = struct.unpack_from('<II', image, _PAYLOAD)
    return image[setup + offset:setup + offset + length]


def unpacker(data):
    """The program for what `data` begins with, or None."""
    return next((name for magic, name in _TOOLS.items() if data.startswith(magic)), None)


def decompress(data, program):
    """The kernel's ELF file; `data` ends with its size, which is the kernel's own addition."""
    result = subprocess.run([tool(program), '--decompress', '--stdout'], input=data[:-4],
                            capture_output=True, check=False)
    if result.returncode != 0:
        raise LabError(f'unpacking the kernel failed: {result.stderr.decode().strip()}')
    return result.stdout


def segments_of(elf):
    """(entry, the segments that are loaded) of the kernel's ELF file."""
    header = _ELF_HEADER.unpack_from(elf)
    entry, table, size, number = header[4], header[5], header[9], header[10]
    found = []
    for index in range(number):
        kind, _, offset, _, address, in_file, in_memory, _ = \
            _PROGRAM_HEADER.unpack_from(elf, table + index * size)
        if kind == _PT_LOAD:
            data = elf[offset:offset + in_file].rstrip(b'\0')
            found.append(Segment(address, data + bytes(-len(data) % 4), in_memory + 3 & ~3))
    return entry, found


def _stub():
    result = subprocess.run([tool('nasm'), '-f', 'bin', '-o', '/dev/stdout', _STUB],
                            capture_output=True, check=False)
    if result.returncode != 0:
        raise LabError(f'assembling {_STUB} failed: {result.stderr.decode().strip()}')
    return bytearray(result.stdout)


def render(image, elf):
    """The bzImage `image` with the stub and `elf` in place of what unpacks it."""
    entry, segments = segments_of(elf)
    code = _stub()
    table = [entry]
    for segment in reversed(segments):
        words = len(segment.data) // 4
        table += [segment.address, len(code), words, segment.size // 4 - words]
        code += segment.data
    struct.pack_into(f'<{len(table)}I', code, _STUB_TABLE, *table)
    code += bytes(-len(code) % 16)

    setup = bytearray(image[:((image[_SETUP_SECTS] or 4) + 1) * 512])
    # Loaded at 1 MiB, it lies below where it goes.
    for offset, form, *values in ((_SYSSIZE, '<I', len(code) // 16), (_RELOCATABLE, '<B', 0),
                                  (_XLOADFLAGS, '<H', 0), (_PAYLOAD, '<II', 0, 0)):
        struct.pack_into(form, setup, offset, *values)
    return bytes(setup + code)


def image_of(path, say):
    """The path of `path`'s kernel, unpacked; `path` itself if nothing is known that does it."""
    with open(path, 'rb') as file:
        image = file.read()
    compressed = payload(image)
    program = unpacker(compressed)
    if program is None:
        return path

    def fill(tree, _scratch):
        say(f'unpacking {os.path.basename(path)}')
        os.mkdir(tree)
        with open(os.path.join(tree, 'kernel'), 'wb') as file:
            file.write(render(image, decompress(compressed, program)))

    with open(_STUB, 'rb') as file:
        key = hashlib.sha256(image + file.read()).hexdigest()[:16]
    return os.path.join(cache.kept('unpacked', key, fill), 'kernel')
