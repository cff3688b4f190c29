# SPDX-License-Identifier: GPL-2.0-only
"""The console of one boot, taken apart into the cases that ran in it.

The script that boots (see driver()) writes a line before and after each case.
"""

import re
import shlex
import time
from dataclasses import dataclass, field
from typing import List, Optional

_MARK = re.compile(r'LAB-CASE-(BEGIN|END) (\S+)(?: (\d+))?$')
_DIRECTORY = '/lab/cases'


@dataclass
class Section:
    """What one case wrote; `status` is None until it has ended."""
    name: str
    started: float
    ended: Optional[float] = None
    status: Optional[int] = None
    lines: List[str] = field(default_factory=list)


class Transcript:
    """Takes the console line by line; `on_end(section)` is told of each case that ended.

    The launcher speaks too, in lines that begin with its name: its report of a failed boot repeats
    the console's last lines, which must not begin or end a case a second time.
    """

    def __init__(self, on_end, launcher='lab', clock=time.monotonic):
        self._on_end = on_end
        self._launcher = f'{launcher}: '
        self._clock = clock
        self.open = None
        self.ended = []
        self.outside = []

    def line(self, text):
        """One line of the launcher's output, without its end."""
        if text.startswith(self._launcher):
            self.outside.append(text)
            return
        mark = _MARK.search(text)
        if mark is None:
            (self.open.lines if self.open else self.outside).append(text)
        elif mark.group(1) == 'BEGIN':
            self.open = Section(mark.group(2), self._clock())
        elif self.open and self.open.name == mark.group(2):
            section, self.open = self.open, None
            section.ended, section.status = self._clock(), int(mark.group(3) or 0)
            self.ended.append(section)
            self._on_end(section)


def without_marks(lines):
    """The lines that a person wants to see of a console."""
    return [line for line in lines if not _MARK.search(line)]


_DRIVER = '''\
#!/bin/busybox sh
# The cases of one boot, one after the other: each gets a fresh shell and a tidy machine.
cd {directory}

run_case() {{ # name, seconds, script, arguments
    name=$1; seconds=$2; shift 2
    echo "LAB-CASE-BEGIN $name"
    export LAB_CASE=$name
    timeout -s KILL "$seconds" sh "$@" </dev/null
    status=$?
    [ $status -eq 0 ] || sh tidy.sh
    echo "LAB-CASE-END $name $status"
}}

{calls}
exit 0
'''


def driver(cases):
    """The text of the script that runs `cases` in one boot."""
    calls = [shlex.join(['run_case', case.name, str(case.timeout), f'{_DIRECTORY}/{case.script}',
                         *case.arguments]) for case in cases]
    return _DRIVER.format(directory=_DIRECTORY, calls='\n'.join(calls))
