# SPDX-License-Identifier: GPL-2.0-only
"""rmvisor's lab: boot a Debian kernel in an emulated machine and judge what happened in it."""

from .errors import LabError
from .runner import Result, boot
from .spec import File, Spec, parse_file
from .verdict import Kind, Verdict

__all__ = ['File', 'Kind', 'LabError', 'Result', 'Spec', 'Verdict', 'boot', 'parse_file']
