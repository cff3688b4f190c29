# SPDX-License-Identifier: GPL-2.0-only
"""rmguest's commands as people use them: in terminals, pipes and by signals."""

import os
import sys

from . import process
from .context import TESTS
from .jobs import Job
from .results import Outcome
from .unit_jobs import suite_result

_TIMEOUT = 600


class ToolJob(Job):
    """tests/tool, by Python's unittest, with the rmguest that was built."""
    tier = 'host'

    def __init__(self):
        super().__init__('tool-host', ['tool-host'], ['programs'])

    def run(self, context, emit):
        xml = os.path.join(context.logs, 'tool-host.xml')
        if os.path.exists(xml):
            os.remove(xml)
        log = context.log(self.name)
        folder = os.path.join(TESTS, 'tool')
        suite = os.path.join(TESTS, 'unit', 'python_suite.py')
        command = ['env', f'RMGUEST={context.rmguest}', f'GUESTS={context.guests}', sys.executable,
                   suite, folder, xml]
        done = process.run(command, log, _TIMEOUT, directory=folder)
        emit(suite_result(self.name, xml, log, done, self.tier))
        return Outcome.passed
