# SPDX-License-Identifier: GPL-2.0-only
"""Boot a Spec and judge it."""

import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import Optional

from . import debian, initramfs, machines
from .clock import clock_of
from .console import Console, Phase
from .machines.base import Inputs
from .ports import Ports
from .process import Emulator
from .progress import Progress
from .verdict import Verdict, judge

_POLL = 0.05
_LOGS = ('emulator.log', 'emulator.out', 'bochsrc')


@dataclass
class Result:
    """How a run went: `status` is what the launcher exits with, `console` what the script wrote."""
    status: int
    verdict: Verdict
    console: str
    seconds: float
    log_dir: Optional[str]
    full_console: str


def _watch(emulator, ports, console, progress, clock):
    """Follow the console until the machine ends; the reason if it had to be stopped, else ''."""
    while True:
        ended = emulator.status() is not None  # before the read, so that nothing is missed
        ports.pump(console)
        reason = '' if ended else clock.expired(console)
        if reason is not None:
            console.close()
            return reason
        detail = console.last_kernel_line if console.phase is Phase.booting else ''
        progress.update(f'{console.phase.value} {detail}'.rstrip())
        time.sleep(_POLL)


def log_lines(path):
    """The lines of the emulator's log; none when there is no such file."""
    if not os.path.exists(path):
        return []
    with open(path, encoding='utf-8', errors='replace') as file:
        return [line.rstrip('\n') for line in file]


def keep_logs(directory, spec, console):
    """Put the logs of a run where the user wants them."""
    if spec.log_dir is None:
        return
    os.makedirs(spec.log_dir, exist_ok=True)
    path = os.path.join(spec.log_dir, f'{spec.name}.console.log')
    with open(path, 'w', encoding='utf-8') as file:
        file.writelines(f'{line}\n' for line in console.lines)
    for name in _LOGS:
        path = os.path.join(directory, name)
        if os.path.exists(path):
            shutil.copy(path, os.path.join(spec.log_dir, f'{spec.name}.{name}'))


def prepare(spec, directory, ports, mode, progress):
    """Everything up to the start: (Command, nonce)."""
    spec.validate()
    machine = machines.choose(spec.machine, progress.say)
    kernel = debian.fetch(spec.kernel, progress.say)
    progress.update(f'building the initramfs for {kernel.release}')
    image = initramfs.build(spec, kernel, mode)
    path = os.path.join(directory, 'initrd.cpio')
    with open(path, 'wb') as file:
        file.write(image.data)
    inputs = Inputs(directory, kernel.image, path, spec.kernel_arguments(), ports.script,
                    ports.kernel, mode != 'run')
    command = machines.MACHINES[machine](spec, inputs, progress.say)
    progress.say(f'{command.label}, Linux {kernel.release}')
    return command, image.nonce


def result_of(console, spec, directory, command, stopped, seconds):
    """Judge what is left of a run."""
    log = log_lines(command.log) if command.log else []
    log = log or log_lines(os.path.join(directory, 'emulator.out'))  # it may end before it has one
    verdict = judge(console, log, stopped, spec)
    return Result(verdict.status, verdict, '\n'.join(console.script_lines), seconds,
                  spec.log_dir, '\n'.join(console.lines))


def _boot_in(spec, directory, progress, on_line):
    ports = Ports(directory)
    command, nonce = prepare(spec, directory, ports, 'run', progress)
    console = Console(nonce, on_line)
    try:
        output = os.path.join(directory, 'emulator.out')
        with Emulator(command.arguments, output, command.environment) as emulator:
            clock = clock_of(command, emulator, spec)
            stopped = _watch(emulator, ports, console, progress, clock)
    finally:
        progress.clear()
        keep_logs(directory, spec, console)
    return result_of(console, spec, directory, command, stopped, progress.seconds())


def boot(spec, on_line=lambda text, phase: None, quiet=True):
    """Run `spec` to its end and return a Result; raises LabError when it could not start.

    `on_line(text, phase)` gets each console line as it comes. Safe to call from several
    processes and threads at once.
    """
    progress = Progress(spec.name, quiet, sys.stderr)

    def line(text, phase):
        progress.clear()
        on_line(text, phase)

    with tempfile.TemporaryDirectory(prefix='rmlab-') as directory:
        return _boot_in(spec, directory, progress, line)
