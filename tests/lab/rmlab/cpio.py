# SPDX-License-Identifier: GPL-2.0-only
"""A "newc" cpio archive, written directly: device nodes need no root, and no tool is needed.

The layout is that of the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
"""

import io
import stat

TRAILER = 'TRAILER!!!'


class Archive:
    """Entries in the order in which they were added; missing parent directories are made."""

    def __init__(self):
        self._out = io.BytesIO()
        self._inode = 1
        self._seen = set()

    def directory(self, path, mode=0o755):
        self._add(path, stat.S_IFDIR | mode)

    def file(self, path, data, mode=0o644):
        self._add(path, stat.S_IFREG | mode, data)

    def link(self, path, target):
        self._add(path, stat.S_IFLNK | 0o777, target.encode())

    def character_device(self, path, major, minor, mode=0o600):
        self._add(path, stat.S_IFCHR | mode, device=(major, minor))

    def bytes(self):
        """The finished archive."""
        return self._out.getvalue() + self._entry(TRAILER, 0, b'', (0, 0))

    def _add(self, path, mode, data=b'', device=(0, 0)):
        path = path.strip('/')
        if path in self._seen and stat.S_ISDIR(mode):
            return
        parent = path.rpartition('/')[0]
        if parent and parent not in self._seen:
            self.directory(parent)
        self._seen.add(path)
        self._out.write(self._entry(path, mode, data, device))
        self._inode += 1

    def _entry(self, path, mode, data, device):
        name = path.encode() + b'\0'
        numbers = (self._inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name), 0)
        header = b'070701' + b''.join(b'%08X' % number for number in numbers) + name
        return _padded(header) + _padded(data)


def _padded(data):
    return data + b'\0' * (-len(data) % 4)
