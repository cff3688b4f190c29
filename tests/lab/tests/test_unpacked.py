# SPDX-License-Identifier: GPL-2.0-only
"""A bzImage whose kernel is unpacked already."""

import lzma
import struct
import unittest

from rmlab import unpacked
from rmlab.errors import LabError

_TEXT = b'text' * 5 + bytes(8)
_DATA = b'data!'


def _elf():
    """Two segments and a note between them, as a kernel has them; memory behind the second."""
    headers = struct.pack('<16sHHIQQQIHHHHHH', b'\x7fELF\2\1\1', 2, 62, 1, 0x1000040, 64, 0, 0, 64,
                          56, 3, 0, 0, 0)
    at = 64 + 3 * 56
    for kind, offset, address, in_file, in_memory in (
            (1, at, 0x1000000, len(_TEXT), len(_TEXT)), (4, at, 0, 4, 4),
            (1, at + len(_TEXT), 0x1200000, len(_DATA), 0x1001)):
        headers += struct.pack('<IIQQQQQQ', kind, 5, offset, 0, address, in_file, in_memory, 0x1000)
    return headers + _TEXT + _DATA


def _image(elf):
    """A boot sector, one sector of set-up, and a compressed kernel 16 bytes into the rest."""
    compressed = lzma.compress(elf) + struct.pack('<I', len(elf))
    image = bytearray(1024)
    image[0x1f1] = 1
    struct.pack_into('<BxH', image, 0x234, 1, 0x7f)
    struct.pack_into('<II', image, 0x248, 16, len(compressed))
    return bytes(image + bytes(16) + compressed + b'decompressor')


class Unpacked(unittest.TestCase):
    def test_the_kernel_is_what_was_packed(self):
        data = unpacked.payload(_image(_elf()))
        self.assertEqual(unpacked.unpacker(data), 'xz')
        self.assertEqual(unpacked.decompress(data, 'xz'), _elf())

    def test_a_format_that_nothing_is_known_of(self):
        self.assertIsNone(unpacked.unpacker(b'\x1f\x8b\x08\0'))

    def test_a_damaged_kernel(self):
        with self.assertRaisesRegex(LabError, 'unpacking the kernel failed'):
            unpacked.decompress(b'\xfd7zXZ\0 and nothing else', 'xz')

    def test_only_segments_that_are_loaded_without_the_zeros_at_their_ends(self):
        entry, segments = unpacked.segments_of(_elf())
        self.assertEqual(entry, 0x1000040)
        self.assertEqual(segments, [unpacked.Segment(0x1000000, b'text' * 5, 28),
                                    unpacked.Segment(0x1200000, b'data!\0\0\0', 0x1004)])

    def test_the_table_has_the_last_segment_first(self):
        code = unpacked.render(_image(_elf()), _elf())[1024:]
        table = struct.unpack_from('<10I', code, 0x1000)
        self.assertEqual(table[:2], (0x1000040, 0x1200000))
        self.assertEqual(table[3:6], (2, 0x1004 // 4 - 2, 0x1000000))
        self.assertEqual(table[7:], (5, 2, 0))
        for place, data in ((table[2], b'data!\0\0\0'), (table[6], b'text' * 5)):
            self.assertEqual(code[place:place + len(data)], data)

    def test_the_header_says_where_it_is_loaded_and_how_long_it_is(self):
        image = unpacked.render(_image(_elf()), _elf())
        syssize, = struct.unpack_from('<I', image, 0x1f4)
        self.assertEqual(syssize * 16, len(image) - 1024)
        self.assertEqual(struct.unpack_from('<BxH', image, 0x234), (0, 0))


if __name__ == '__main__':
    unittest.main()
