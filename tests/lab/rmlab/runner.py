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
from .console import Console, Phase
from .machines.base import Inputs
from .process import Emulator
from .progress import Progress
from .verdict import Verdict, judge

_POLL = 0.05
_PANIC_GRACE = 3  # seconds for a panic's trace to come out
_LOGS = ('console.log', 'emulator.log', 'emulator.out', 'bochsrc')


@dataclass
class Result:
    """How a run went: `status` is what the launcher exits with, `console` what the script wrote."""
    status: int
    verdict: Verdict
    console: str
    seconds: float
    log_dir: Optional[str]
    full_console: str


class _Tail:
    """The new bytes of a file that another process writes."""

    def __init__(self, path):
        self._path = path
        self._offset = 0

    def read(self):
        try:
            with open(self._path, 'rb') as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return b''
        self._offset += len(data)
        return data


def _watch(emulator, tail, console, progress, spec):
    """Follow the console until the machine ends; True when it had to be stopped for the time."""
    panic_at = None
    while True:
        running = emulator.status() is None
        console.feed(tail.read())
        if not running:
            console.close()
            return False
        if console.panicked:
            panic_at = panic_at or time.monotonic()
            if time.monotonic() - panic_at > _PANIC_GRACE:
                console.close()
                return False
        if progress.seconds() > spec.timeout:
            console.close()
            return True
        detail = console.last_kernel_line if console.phase is Phase.booting else ''
        progress.update(f'{console.phase.value} {detail}'.rstrip())
        time.sleep(_POLL)


def _log_lines(path):
    if path is None or not os.path.exists(path):
        return []
    with open(path, encoding='utf-8', errors='replace') as file:
        return [line.rstrip('\n') for line in file]


def _keep_logs(directory, spec):
    if spec.log_dir is None:
        return
    os.makedirs(spec.log_dir, exist_ok=True)
    for name in _LOGS:
        path = os.path.join(directory, name)
        if os.path.exists(path):
            shutil.copy(path, os.path.join(spec.log_dir, f'{spec.name}.{name}'))


def prepare(spec, directory, serial, mode, progress):
    """Everything up to the start: (Command, nonce)."""
    spec.validate()
    machine = machines.choose(spec.machine, progress.say)
    kernel = debian.fetch(spec.kernel, progress.say)
    progress.update(f'building the initramfs for {kernel.release}')
    image = initramfs.build(spec, kernel, mode)
    path = os.path.join(directory, 'initrd.cpio')
    with open(path, 'wb') as file:
        file.write(image.data)
    inputs = Inputs(directory, kernel.image, path, spec.kernel_arguments(), serial,
                    mode == 'shell')
    command = machines.MACHINES[machine](spec, inputs)
    progress.say(f'{command.label}, Linux {kernel.release}')
    return command, image.nonce


def _boot_in(spec, directory, progress, on_line, mode):
    serial = os.path.join(directory, 'console.log')
    command, nonce = prepare(spec, directory, serial, mode, progress)
    console = Console(nonce, on_line)
    output = os.path.join(directory, 'emulator.out')
    try:
        with Emulator(command.arguments, output) as emulator:
            timed_out = _watch(emulator, _Tail(serial), console, progress, spec)
    finally:
        progress.clear()
        _keep_logs(directory, spec)
    verdict = judge(console, _log_lines(command.log or output), timed_out, spec.timeout, spec)
    return Result(verdict.status, verdict, '\n'.join(console.script_lines), progress.seconds(),
                  spec.log_dir, '\n'.join(console.lines))


def boot(spec, on_line=lambda text, phase: None, quiet=True, mode='run'):
    """Run `spec` to its end and return a Result; raises LabError when it could not start.

    `on_line(text, phase)` gets each console line as it comes. Safe to call from several
    processes and threads at once.
    """
    progress = Progress(spec.name, quiet, sys.stderr)

    def line(text, phase):
        progress.clear()
        on_line(text, phase)

    with tempfile.TemporaryDirectory(prefix='rmlab-') as directory:
        return _boot_in(spec, directory, progress, line, mode)
