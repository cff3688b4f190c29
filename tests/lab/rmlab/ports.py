# SPDX-License-Identifier: GPL-2.0-only
"""The host's side of the guest's two serial ports."""

import os


class _Tail:
    """The new bytes of a file that another process writes."""

    def __init__(self, path):
        self._path = path
        self._offset = 0

    def read(self):
        try:
            with open(self._path, 'rb') as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return b''
        self._offset += len(data)
        return data


class Ports:
    """`script` is the first port's file, or the given terminal; `kernel` is the second's."""

    def __init__(self, directory, terminal=None):
        self.script = terminal or os.path.join(directory, 'script.serial')
        self.kernel = os.path.join(directory, 'kernel.serial')
        self._script_tail = _Tail(self.script)
        self._kernel_tail = _Tail(self.kernel)

    def pump_kernel(self, console):
        """Give the console what is new on the kernel's port."""
        console.feed_kernel(self._kernel_tail.read())

    def pump(self, console):
        """Give the console what is new on both. The script's bytes are read first and given last:
        a complaint stays before the end of what caused it."""
        script = self._script_tail.read()
        self.pump_kernel(console)
        console.feed(script)
