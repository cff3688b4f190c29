# SPDX-License-Identifier: GPL-2.0-only
"""What every machine offers to the runner."""

from dataclasses import dataclass, field
from typing import Optional


@dataclass(frozen=True)
class Inputs:
    """What a machine boots.

    `serial` is the file, or terminal if `interactive`, of the first serial port, which is the
    script's; `kernel_serial` is the file of the second, which is the kernel's console.
    """
    directory: str
    kernel_image: str
    initramfs: str
    arguments: str
    serial: str
    kernel_serial: str
    interactive: bool


@dataclass(frozen=True)
class Command:
    """What to start, the file in which the machine complains (None: its own output), a name for
    people, and environment variables to add. `always_busy`: it burns a CPU even when the guest
    sleeps, so that its CPU time tells how long it has run, however busy the host is."""
    arguments: list
    log: Optional[str]
    label: str
    environment: dict = field(default_factory=dict)
    always_busy: bool = False
