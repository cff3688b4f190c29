# SPDX-License-Identifier: GPL-2.0-only
"""The guest's serial console, line by line, and the marker lines of its init."""

import codecs
import enum
import re

from .patterns import KERNEL_LINE, PANIC_LINE

_MARKER = re.compile(r'LAB-(BEGIN|EXIT|DMESG|END|REBOOT) ([0-9a-f]{12})(?: (.*))?')


class Phase(enum.Enum):
    """How far the guest has come."""
    booting = 'booting'
    running = 'running the script'
    ending = 'powering off'
    ended = 'ended'


class Console:
    """Everything that the guest wrote, and what its markers said.

    `on_line(text, phase)` is called for every complete line that is no marker.
    """

    def __init__(self, nonce, on_line=lambda text, phase: None):
        self._nonce = nonce
        self._on_line = on_line
        self._decoder = codecs.getincrementaldecoder('utf-8')('replace')
        self._partial = ''
        self._blank = False
        self.lines = []
        self.script_lines = []
        self.dmesg_lines = []
        self.phase = Phase.booting
        self.status = None
        self.release = None
        self.last_kernel_line = ''
        self.panicked = False
        self.reboot_wanted = False
        self.booted_again = False

    def feed(self, data):
        """Take bytes as they come from the serial line."""
        text = self._partial + self._decoder.decode(data)
        *lines, self._partial = text.split('\n')
        for line in lines:
            self._line(line.rstrip('\r'))

    def close(self):
        """The guest is gone: a last line without an end is a line too."""
        if self._partial:
            self._line(self._partial.rstrip('\r'))
            self._partial = ''

    def _line(self, line):
        self.lines.append(line)
        kernel = KERNEL_LINE.search(line)
        if kernel and self.phase is not Phase.ending:
            self.last_kernel_line = kernel.group(1)
        if kernel and PANIC_LINE.search(line):
            self.panicked = True
        marker = _MARKER.search(line)
        if marker and marker.group(2) == self._nonce:
            self._marker(marker.group(1), marker.group(3) or '')
            return
        if self.phase is Phase.running:
            self._script_line(line)
            return
        if self.phase is Phase.ending:
            self.dmesg_lines.append(line)
        self._on_line(line, self.phase)

    def _script_line(self, line):
        """An empty line waits for the next: init writes one before LAB-EXIT, not the script."""
        if self._blank:
            self._emit('')
        self._blank = not line
        if line:
            self._emit(line)

    def _emit(self, line):
        self.script_lines.append(line)
        self._on_line(line, Phase.running)

    def _marker(self, kind, rest):
        if kind == 'BEGIN' and self.phase is not Phase.booting:
            self.booted_again = True
        elif kind == 'BEGIN':
            self.phase = Phase.running
            self.release = rest.strip()
        elif kind == 'EXIT' and self.phase is Phase.running and rest.strip().isdigit():
            self.phase = Phase.ending
            self.status = int(rest)
        elif kind == 'REBOOT':
            self.reboot_wanted = True
        elif kind == 'END' and self.phase is Phase.ending:
            self.phase = Phase.ended
