# SPDX-License-Identifier: GPL-2.0-only
"""Cases that this run leaves out, and says so."""

from .context import LabError, debian, debug_kernel
from .jobs import Job
from .results import Outcome


class SkipJob(Job):
    """A case that is not run, with the reason."""
    tier = 'lab'

    def __init__(self, name, reason):
        super().__init__(name, [name])
        self._reason = reason

    def run(self, context, emit):
        self.give_up(emit, Outcome.skipped, self._reason)
        return Outcome.skipped


def kernel_is_kept(case):
    """Whether the lab has built the case's own kernel already."""
    try:
        return debug_kernel.is_built(debian.resolve(case.kernel))
    except LabError:
        return False


def left_out(cases, chosen):
    """A job for each case of `cases` that waits for its kernel and so is none of those chosen."""
    return [SkipJob(case.name,
                    f'the kernel {case.kernel} is not built yet: tests/run --soak does it')
            for case in cases if case.tier == 'kept' and case not in chosen]
