# SPDX-License-Identifier: GPL-2.0-only
"""An interactive shell on the guest's serial console."""

import contextlib
import os
import pty
import select
import shutil
import sys
import tempfile
import termios
import tty

from .console import Console, Phase
from .ports import Ports
from .process import Emulator
from .progress import Progress
from .runner import keep_logs, prepare, result_of

_LEAVE = b'\x1d'  # Ctrl-]
_END_OF_FILE = b'\x04'
_POLL = 0.2


class LeftLab(Exception):
    """The user stopped the machine with Ctrl-]."""


@contextlib.contextmanager
def _raw_terminal(stream):
    """Keys go to the guest as they are pressed, Ctrl-C too."""
    if not stream.isatty():
        yield
        return
    saved = termios.tcgetattr(stream)
    tty.setraw(stream)
    try:
        yield
    finally:
        termios.tcsetattr(stream, termios.TCSADRAIN, saved)


class Screen:
    """Passes the guest's bytes on, except for the marker lines, which all begin with "LAB-"."""

    _PREFIX = b'LAB-'

    def __init__(self, write):
        self._write = write
        self._line = b''
        self._shown = 0

    def feed(self, data):
        """Take bytes; a beginning of a line that may become a marker waits."""
        for byte in data:
            self._line += bytes([byte])
            waits = (self._PREFIX.startswith(self._line) or self._line.startswith(self._PREFIX))
            if byte == 0x0a:
                self._flush(not self._line.startswith(self._PREFIX))
                self._line, self._shown = b'', 0
            elif not waits:
                self._flush(True)

    def _flush(self, show):
        if show:
            self._write(self._line[self._shown:])
        self._shown = len(self._line)


class _Bridge:
    """Carries bytes between the terminal and the guest until the machine ends."""

    def __init__(self, master, ports, console, progress):
        self._master = master
        self._ports = ports
        self._console = console
        self._progress = progress
        self._screen = Screen(self._show)
        self._input_open = True

    def run(self, emulator):
        """Until the machine ends, or the user leaves: LeftLab."""
        while emulator.status() is None:
            self._kernel_lines()
            if self._console.phase is Phase.booting:
                self._progress.update(f'booting {self._console.last_kernel_line}')
            sources = [self._master]
            if self._input_open and self._console.phase is Phase.running:
                sources.append(sys.stdin)
            self._carry(sources, _POLL)
        self._kernel_lines()
        while self._carry([self._master], 0):
            pass
        self._console.close()

    def _carry(self, sources, patience):
        ready, _, _ = select.select(sources, [], [], patience)
        if self._master in ready:
            self._from_guest(os.read(self._master, 4096))
        if sys.stdin in ready:
            self._from_user(os.read(sys.stdin.fileno(), 256))
        return bool(ready)

    def _kernel_lines(self):
        before = len(self._console.lines)
        self._ports.pump_kernel(self._console)
        if self._console.phase is Phase.running:
            for line in self._console.lines[before:]:
                self._show(f'{line}\r\n'.encode())

    def _show(self, data):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def _from_guest(self, data):
        before = self._console.phase
        self._console.feed(data)
        if self._console.phase is Phase.booting:
            return
        if before is Phase.booting:
            self._progress.clear()
            self._progress.say('exit or poweroff ends the lab; Ctrl-] stops it at once\r')
        self._screen.feed(data)

    def _from_user(self, data):
        if _LEAVE in data:
            raise LeftLab
        self._input_open = bool(data)
        os.write(self._master, data or _END_OF_FILE)


def _shell_in(spec, directory, progress):
    master, slave = pty.openpty()
    tty.setraw(slave)
    columns, rows = shutil.get_terminal_size()
    ports = Ports(directory, os.ttyname(slave))
    command, nonce = prepare(spec, directory, ports, f'shell {rows} {columns}', progress)
    console = Console(nonce)
    try:
        output = os.path.join(directory, 'emulator.out')
        with Emulator(command.arguments, output, command.environment) as emulator, \
                _raw_terminal(sys.stdin):
            _Bridge(master, ports, console, progress).run(emulator)
    finally:
        progress.clear()
        keep_logs(directory, spec, console)
        os.close(master)
        os.close(slave)
    return result_of(console, spec, directory, command, '', progress.seconds())


def shell(spec, quiet=False):
    """Boot `spec` with a shell on this terminal; a Result when it has ended, or LeftLab."""
    with tempfile.TemporaryDirectory(prefix='rmlab-') as directory:
        return _shell_in(spec, directory, Progress(spec.name, quiet, sys.stderr))
