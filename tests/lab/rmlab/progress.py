# SPDX-License-Identifier: GPL-2.0-only
"""A line that says that something still happens."""

import shutil
import sys
import time

_TERMINAL_INTERVAL = 0.5
_PLAIN_INTERVAL = 10


class Progress:
    """On a terminal one line rewritten in place; elsewhere a plain line every ten seconds."""

    def __init__(self, name, quiet=False, stream=sys.stderr):
        self._name = name
        self._stream = stream
        self._quiet = quiet
        self._terminal = stream.isatty()
        self._start = time.monotonic()
        self._next = self._start + (0 if self._terminal else _PLAIN_INTERVAL)
        self._shown = False

    def seconds(self):
        """Seconds since the run began."""
        return time.monotonic() - self._start

    def update(self, text):
        """Show `text` if it is time to."""
        now = time.monotonic()
        if self._quiet or now < self._next:
            return
        line = f'{self._name}: {now - self._start:3.0f} s  {text}'
        if self._terminal:
            self._next = now + _TERMINAL_INTERVAL
            width = shutil.get_terminal_size().columns - 1
            self._stream.write('\r\x1b[K' + line[:width])
            self._shown = True
        else:
            self._next = now + _PLAIN_INTERVAL
            self._stream.write(line + '\n')
        self._stream.flush()

    def clear(self):
        """Take the line away before something else is written."""
        if self._shown:
            self._stream.write('\r\x1b[K')
            self._stream.flush()
            self._shown = False

    def say(self, text):
        """A line that stays."""
        if self._quiet:
            return
        self.clear()
        self._stream.write(f'{self._name}: {text}\n')
        self._stream.flush()
