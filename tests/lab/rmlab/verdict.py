# SPDX-License-Identifier: GPL-2.0-only
"""Judge a run by what was seen of it; nothing is concluded from silence."""

import enum
import re
from dataclasses import dataclass, field
from typing import List, Optional

from .console import Phase
from .patterns import (EMULATOR_COMPLAINT, EMULATOR_RESET, EMULATOR_SILENT, KERNEL_COMPLAINT,
                       KERNEL_LINE, KNOWN_COMPLAINTS, TRACE_END, TRACE_START)

MAX_GUEST_STATUS = 123
_DULL = re.compile(r'quit_sim called')


class Kind(enum.Enum):
    """How a run ended, with the launcher's exit status (None: the script's own)."""
    script = None
    hang = 124
    kernel = 125
    emulator = 126
    launcher = 127


@dataclass
class Verdict:
    """The kind, and every reason that was found, the weightiest first."""
    kind: Kind
    reasons: List[str] = field(default_factory=list)
    script_status: Optional[int] = None

    @property
    def status(self):
        """The launcher's exit status."""
        if self.kind is not Kind.script:
            return self.kind.value
        return min(self.script_status, MAX_GUEST_STATUS)


def _allowed(line, allowed):
    return any(re.search(pattern, line) for pattern in allowed)


def kernel_complaints(console, allowed):
    """Kernel lines, of the console and of the dmesg printed at the end, that tell of a fault."""
    found = []
    in_allowed_report = False
    for line in console.lines:
        kernel = KERNEL_LINE.search(line)
        text = kernel.group(1).strip() if kernel else ''
        if text.startswith(TRACE_END):
            in_allowed_report = False
        if not re.search(KERNEL_COMPLAINT, text):
            continue
        if _allowed(text, (*KNOWN_COMPLAINTS, *allowed)):
            in_allowed_report = True
        elif text not in found and not (in_allowed_report and text.startswith(TRACE_START)):
            found.append(text)
    return found


def emulator_complaints(log_lines, allowed):
    """Lines of the emulator's log that tell of a fault."""
    return [line for line in log_lines
            if EMULATOR_COMPLAINT.search(line) and not EMULATOR_SILENT.search(line)
            and not _allowed(line, allowed)]


def _first(kind, found):
    more = f' (and {len(found) - 1} more)' if len(found) > 1 else ''
    return f'{kind}: {found[0]}{more}'


def judge(console, log_lines, stopped, spec):
    """The Verdict on one run; `stopped` says why the launcher had to stop the machine, or is ''."""
    kinds, reasons = [], []

    def add(kind, reason):
        kinds.append(kind)
        reasons.append(reason)

    kernel = kernel_complaints(console, spec.allow_dmesg)
    if kernel or console.panicked:
        add(Kind.kernel, _first('the kernel complained', kernel or ['panic']))
    reset = [EMULATOR_RESET] if console.triple_fault_wanted else []
    emulator = emulator_complaints(log_lines, spec.allow_emulator + reset)
    if emulator:
        add(Kind.emulator, _first('the emulator complained', emulator))
    if stopped:
        add(Kind.hang, stopped)
    elif console.phase is not Phase.ended and not kinds:
        add(Kind.emulator, _stopped_by_itself(console, log_lines))
    elif not kinds and _did_not_follow(console, log_lines):
        add(Kind.emulator, _did_not_follow(console, log_lines))
    if console.status not in (None, 0):
        reasons.append(f'the script exited with {console.status}')
    return Verdict(kinds[0] if kinds else Kind.script, reasons, console.status)


def _did_not_follow(console, log_lines):
    """What the script's end announced and nobody has seen, or ''."""
    if console.waits_for_next:
        return 'the next kernel did not come up'
    if console.reboot_wanted and not console.booted_again and \
            not any(re.search(EMULATOR_RESET, line) for line in log_lines):
        return 'the machine did not come up again'
    return ''


def _stopped_by_itself(console, log_lines):
    words = [line for line in log_lines if re.search(r'\w', line) and not _DULL.search(line)]
    last = f'; its last words: {words[-1]}' if words and not console.lines else ''
    return f'the machine stopped by itself while {console.phase.value}{last}'
