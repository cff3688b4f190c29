# SPDX-License-Identifier: GPL-2.0-only
"""When to stop waiting for a machine."""

import time

from .console import Phase

_PANIC_GRACE = 10  # seconds for a panic's trace to come out
_POWEROFF_GRACE = 30  # seconds from the script's end to the machine's
_LOADED_HOST = 5  # how much longer than its CPU time a busy emulator may take


class Clock:
    """Decides when waiting is over.

    `elapsed` gives the machine's own seconds: wall time, or the CPU time of an emulator that is
    always busy, so that a host with many labs at once makes no hangs. Wall time has the last word.
    """

    def __init__(self, timeout, elapsed, wall=time.monotonic):
        self._timeout = timeout
        self._elapsed = elapsed
        self._wall = wall
        self._wall_end = wall() + timeout * _LOADED_HOST
        self._limit = None
        self._reason = None

    def expired(self, console):
        """None, or why the machine has to be stopped now ('' when that is no fault of its own)."""
        now = self._elapsed()
        if console.booted_again:
            return '' if console.reboot_wanted else 'the machine was reset and booted again'
        if console.panic_shown:
            return ''
        if console.panicked:
            self._shorten(now + _PANIC_GRACE, '')
        elif console.phase is Phase.ended and not (console.reboot_wanted or
                                                   console.waits_for_next):
            self._shorten(now + _POWEROFF_GRACE, 'the machine did not switch off within '
                          f'{_POWEROFF_GRACE} s of the end of the script')
        if self._limit is not None and now > self._limit:
            return self._reason
        if now > self._timeout or self._wall() > self._wall_end:
            return f'no end within {self._timeout:g} s, still {console.phase.value}'
        return None

    def _shorten(self, limit, reason):
        if self._reason != reason:
            self._limit, self._reason = limit, reason


def clock_of(command, emulator, spec):
    """The clock that fits the machine."""
    start = time.monotonic()
    if command.always_busy:
        return Clock(spec.timeout, emulator.cpu_seconds)
    return Clock(spec.timeout, lambda: time.monotonic() - start)
