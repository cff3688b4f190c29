# SPDX-License-Identifier: GPL-2.0-only
"""A program with its output in a log, and never left behind."""

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import List

from .context import TOP

TAIL = 30  # lines that a failure shows


@dataclass
class Finished:
    """A program's end; `lines` is what it wrote, `timed_out` that it had to be ended."""
    status: int
    lines: List[str]
    seconds: float
    cpu_seconds: float  # of it and all that it started
    timed_out: bool

    def tail(self):
        """What it wrote last."""
        return [line for line in self.lines if line.strip()][-TAIL:]


def _environment():
    """Ours, without the make that called us (its jobserver is none for us), and in English."""
    ours = {name: value for name, value in os.environ.items()
            if name not in ('MAKEFLAGS', 'MFLAGS', 'MAKEOVERRIDES', 'MAKELEVEL')}
    return {**ours, 'LC_ALL': 'C.UTF-8'}


def run(command, log, timeout, on_line=lambda text: None, directory=TOP):
    """Run `command` (a list); its output goes to the file `log` and, line by line, to `on_line`.

    Ctrl-C at the terminal reaches the program too, since it stays in our process group.
    """
    started = time.monotonic()
    lines, expired = [], threading.Event()
    with open(log, 'w', encoding='utf-8') as file:
        process = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   errors='replace', bufsize=1, env=_environment())

        def end():
            expired.set()
            process.terminate()

        timer = threading.Timer(timeout, end)
        timer.start()
        try:
            for line in process.stdout:
                file.write(line)
                file.flush()
                lines.append(line.rstrip('\n'))
                on_line(lines[-1])
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            timer.cancel()
            process.terminate()
    return Finished(process.returncode, lines, time.monotonic() - started,
                    usage.ru_utime + usage.ru_stime, expired.is_set())


def relative(path):
    """A path as a person at the top of the tree would write it."""
    short = os.path.relpath(path)
    return path if short.startswith('..') else short
