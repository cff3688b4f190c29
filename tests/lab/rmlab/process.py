# SPDX-License-Identifier: GPL-2.0-only
"""An emulator as a process group that never outlives its launcher."""

import os
import signal
import subprocess

from .tools import tool

_GRACE = 3


class Emulator:
    """A running emulator; as a context manager it is gone afterwards, whatever happened."""

    def __init__(self, arguments, output, environment=None):
        # A group of its own, so that Ctrl-C reaches the launcher only and kill() reaches all of
        # it; pdeathsig for the case that the launcher itself is killed.
        command = [tool('setpriv'), '--pdeathsig', 'KILL', *arguments]
        with open(output, 'wb') as file:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file,
                                             stderr=subprocess.STDOUT, start_new_session=True,
                                             env={**os.environ, **(environment or {})})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def status(self):
        """The exit status, or None while it runs."""
        return self._process.poll()

    def cpu_seconds(self):
        """The CPU time that it has taken so far."""
        try:
            with open(f'/proc/{self._process.pid}/stat', 'rb') as file:
                fields = file.read().rpartition(b')')[2].split()
        except OSError:
            return 0.0
        user, system = fields[11:13]  # utime and stime of proc(5), counted after the name
        return (int(user) + int(system)) / os.sysconf('SC_CLK_TCK')

    def kill(self):
        """End the whole group: politely, then by force."""
        for number, patience in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, None)):
            if self._process.poll() is not None:
                return
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(patience)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
