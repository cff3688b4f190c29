# SPDX-License-Identifier: GPL-2.0-only
"""What a person sees while the tests run."""

import sys
import threading
import time

from .process import relative
from .results import Outcome

_SHOWN_TESTS = 12
_SILENCE = 60  # seconds after which a line says what runs
_COLOURS = {Outcome.passed: '32', Outcome.failed: '31', Outcome.skipped: '33'}


class Reporter:
    """Collects the results and prints one line for each; may be called from any thread."""

    def __init__(self, stream=sys.stdout):
        self.results = []
        self._stream = stream
        self._colours = stream.isatty()
        self._lock = threading.Lock()
        self._running = {}
        self._spoke = time.monotonic()
        threading.Thread(target=self._keep_speaking, daemon=True).start()

    def started(self, name):
        with self._lock:
            self._running[name] = time.monotonic()

    def ended(self, name):
        with self._lock:
            self._running.pop(name, None)

    def result(self, result):
        """Take a CaseResult."""
        with self._lock:
            self.results.append(result)
            self._print(f'{self._outcome(result.outcome)} {result.name:<44} '
                        f'{_tests(result):>10} {result.seconds:6.1f} s{_reason(result)}')
            self._details(result)

    def _print(self, text):
        print(text, file=self._stream, flush=True)
        self._spoke = time.monotonic()

    def _outcome(self, outcome):
        text = f'{outcome.value:<6}'
        return f'\x1b[{_COLOURS[outcome]}m{text}\x1b[0m' if self._colours else text

    def _details(self, result):
        """Every skipped test with its reason, and of a failure all that helps."""
        skipped = [test for test in result.tests if test.outcome is Outcome.skipped]
        if result.outcome is not Outcome.skipped:
            for test in skipped:
                self._print(f'         skip: {test.name}: {test.reason}')
        if result.outcome is not Outcome.failed:
            return
        failed = [test for test in result.tests if test.outcome is Outcome.failed]
        for test in failed[:_SHOWN_TESTS] if len(failed) > 1 else []:
            self._print(f"         not ok: {test.name}{': ' + test.reason if test.reason else ''}")
        for line in result.tail:
            self._print(f'         | {line}')
        if result.log:
            self._print(f'         log: {relative(result.log)}; '
                        f'again: tests/run --case {result.name}')

    def _keep_speaking(self):
        while True:
            time.sleep(1)
            with self._lock:
                now = time.monotonic()
                if self._running and now - self._spoke > _SILENCE:
                    names = [f'{name} ({now - since:.0f} s)'
                             for name, since in self._running.items()]
                    self._print(f"       running: {', '.join(names)}")


def _tests(result):
    count = len(result.tests)
    return '1 test' if count == 1 else f'{count} tests'


def _reason(result):
    return '' if result.outcome is Outcome.passed else f'  {result.reason}'
