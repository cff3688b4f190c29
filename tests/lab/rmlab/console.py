# SPDX-License-Identifier: GPL-2.0-only
"""The guest's two serial ports, line by line, and the marker lines of its init."""

import codecs
import enum
import re

from .patterns import KERNEL_LINE, PANIC_END, PANIC_LINE

_MARKER = re.compile(r'LAB-(BEGIN|EXIT|DMESG|END|REBOOT|RESET|NEXT) ([0-9a-f]{12})(?: (.*))?')


class Phase(enum.Enum):
    """How far the guest has come."""
    booting = 'booting'
    running = 'running the script'
    ending = 'powering off'
    ended = 'ended'


class _Lines:
    """Cuts a stream of bytes into lines."""

    def __init__(self):
        self._decoder = codecs.getincrementaldecoder('utf-8')('replace')
        self._partial = ''

    def feed(self, data):
        """The lines that `data` completes."""
        *lines, self._partial = (self._partial + self._decoder.decode(data)).split('\n')
        return [line.rstrip('\r') for line in lines]

    def close(self):
        """What is left when the guest is gone: a line without an end is a line too."""
        rest, self._partial = self._partial.rstrip('\r'), ''
        return [rest] if rest else []


class Console:
    """Everything that the guest wrote, and what its markers said.

    Script and kernel write to serial ports of their own, so that neither breaks into the other's
    lines. `on_line(text, phase)` is called for every complete line of both that is no marker.
    """

    def __init__(self, nonce, on_line=lambda text, phase: None):
        self._nonce = nonce
        self._on_line = on_line
        self._script = _Lines()
        self._kernel = _Lines()
        self._blank = False
        self.lines = []
        self.script_lines = []
        self.phase = Phase.booting
        self.status = None
        self.release = None
        self.last_kernel_line = ''
        self._panics = 0
        self.panic_shown = False
        self.reboot_wanted = False
        self.triple_fault_wanted = False
        self.next_wanted = False
        self.next_begun = False
        self.booted_again = False

    @property
    def panicked(self):
        """Whether the kernel has panicked, but for the panic that starts a crash kernel."""
        return self._panics > self.next_wanted

    @property
    def waits_for_next(self):
        """Whether the script has ended by starting another kernel, which has not come up yet."""
        return self.next_wanted and not self.next_begun

    def feed(self, data):
        """Take bytes of the script's port as they come."""
        for line in self._script.feed(data):
            self._script_port(line)

    def feed_kernel(self, data):
        """Take bytes of the kernel's port as they come."""
        for line in self._kernel.feed(data):
            self._kernel_port(line)

    def close(self):
        """The guest is gone."""
        for line in self._kernel.close():
            self._kernel_port(line)
        for line in self._script.close():
            self._script_port(line)

    def _kernel_port(self, line):
        self.lines.append(line)
        kernel = KERNEL_LINE.search(line)
        if kernel:
            self.last_kernel_line = kernel.group(1)
            self._panics += bool(PANIC_LINE.search(line))
            self.panic_shown = self.panic_shown or bool(PANIC_END.search(line))
        self._on_line(line, self.phase)

    def _script_port(self, line):
        self.lines.append(line)
        marker = _MARKER.search(line)
        if marker and marker.group(2) == self._nonce:
            self._marker(marker.group(1), marker.group(3) or '')
        elif self.phase is Phase.running:
            self._script_line(line)
        else:
            self._on_line(line, self.phase)

    def _script_line(self, line):
        """An empty line waits for the next: lab-finish writes one before LAB-EXIT."""
        if self._blank:
            self._emit('')
        self._blank = not line
        if line:
            self._emit(line)

    def _emit(self, line):
        self.script_lines.append(line)
        self._on_line(line, Phase.running)

    def _marker(self, kind, rest):
        if kind == 'BEGIN' and self.waits_for_next:
            self.phase, self.next_begun = Phase.running, True
        elif kind == 'BEGIN' and self.phase is not Phase.booting:
            self.booted_again = True
        elif kind == 'BEGIN':
            self.phase = Phase.running
            self.release = rest.strip()
        elif kind == 'EXIT' and self.phase is Phase.running and rest.strip().isdigit():
            self.phase = Phase.ending
            self.status = self.status or int(rest)
        elif kind in ('REBOOT', 'RESET'):
            self.reboot_wanted = True
            self.triple_fault_wanted = kind == 'REBOOT'
        elif kind == 'NEXT':
            self.next_wanted = True
        elif kind == 'END' and self.phase is Phase.ending:
            self.phase = Phase.ended
