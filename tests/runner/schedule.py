# SPDX-License-Identifier: GPL-2.0-only
"""Runs jobs side by side, each when what it needs is there."""

import threading
import traceback

from .results import Outcome


class Schedule:
    """`jobs` in the order in which they are wanted; no more than `width` at once."""

    def __init__(self, jobs, context, reporter):
        self._waiting = list(jobs)
        self._known = {job.name for job in jobs}
        self._done = {}  # name: Outcome
        self._context = context
        self._reporter = reporter
        self._changed = threading.Condition()
        self._stop = False

    def run(self, width):
        """Returns when all are done."""
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(width)]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():  # a join without a limit would keep Ctrl-C away
                thread.join(0.5)

    def stop(self):
        """Start nothing more."""
        with self._changed:
            self._stop = True
            self._changed.notify_all()

    def _work(self):
        while True:
            job = self._next()
            if job is None:
                return
            outcome = self._run(job)
            with self._changed:
                self._done[job.name] = outcome
                self._changed.notify_all()

    def _next(self):
        """The first job that can run, None when none is left."""
        with self._changed:
            while self._waiting and not self._stop:
                for job in self._waiting:
                    if all(need in self._done or need not in self._known for need in job.after):
                        self._waiting.remove(job)
                        return job
                self._changed.wait()
            return None

    def _run(self, job):
        for bad in (Outcome.failed, Outcome.skipped):
            needs = [need for need in job.after if self._done.get(need) is bad]
            if needs:
                job.give_up(self._reporter.result, bad, f"{', '.join(needs)}: {bad.name}")
                return bad
        self._reporter.started(job.name)
        try:
            return job.run(self._context, self._reporter.result)
        except Exception:  # pylint: disable=broad-except  (the other jobs must go on)
            job.give_up(self._reporter.result, Outcome.failed,
                        traceback.format_exc().strip().splitlines()[-1])
            return Outcome.failed
        finally:
            self._reporter.ended(job.name)
