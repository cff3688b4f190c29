# SPDX-License-Identifier: GPL-2.0-only
"""Bochs: VMX and several CPUs on any host. 2.7 is Debian 12's package, 3.0 Debian 13's."""

import os
import re
import subprocess
from dataclasses import dataclass

from .. import bochs3, iso, unpacked
from ..errors import LabError
from ..tools import data_file, tool
from .base import Command

DEFAULT_MODEL = 'corei7_haswell_4770'
_BIOS = '/usr/share/bochs/BIOS-bochs-latest'
_VGA_BIOS = '/usr/share/bochs/VGABIOS-lgpl-latest'

# rfb with timeout=0 is the display that needs no client and no screen; Bochs takes the first free
# port. The fixed time0 and vga realtime=0 make a run repeat exactly. ignore_bad_msrs: Linux reads
# MSRs that Bochs does not have. With strict_msrs these fault, but for a few that Linux reads before
# it can stand a fault: _MSRS.
_MSRS = os.path.join(os.path.dirname(os.path.realpath(__file__)), 'msrs.def')
_CONFIG = '''\
config_interface: textconfig
display_library: rfb, options="timeout=0"
megs: {memory}
cpu: model={model}, count=1:{cpus}:1, ips=50000000, {cpu_options}{without}
romimage: file={bios}, options=fastboot
vgaromimage: file={vga_bios}
vga: extension=vbe, update_freq=5, realtime=0
ata0-master: type=none
ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15
ata1-master: type=cdrom, path="{iso}", status=inserted
boot: cdrom
clock: sync=none, time0=1700000000
log: {log}
logprefix: %t%e%d
panic: action=fatal
error: action=report
info: action=report
debug: action=ignore
com1: enabled=1, mode={serial_mode}, dev="{serial}"
com2: enabled=1, mode=file, dev="{kernel_serial}"
port_e9_hack: enabled=1
speaker: enabled=0
sound: waveoutdrv=dummy
'''


def render_config(spec, inputs, iso_path, log, bios=_BIOS):
    """The bochsrc of one run."""
    without = f', exclude_features="{" ".join(spec.without)}"' if spec.without else ''
    return _CONFIG.format(memory=spec.memory, model=spec.cpu_model or DEFAULT_MODEL,
                          cpu_options='reset_on_triple_fault=0, '
                                      + (f'ignore_bad_msrs=0, msrs="{_MSRS}"'
                                         if spec.strict_msrs else 'ignore_bad_msrs=1'),
                          without=without, cpus=spec.cpus, bios=bios, vga_bios=_VGA_BIOS,
                          iso=iso_path, log=log,
                          serial_mode='term' if inputs.interactive else 'file',
                          serial=inputs.serial, kernel_serial=inputs.kernel_serial)


def parse_models(text):
    """The model names in what `bochs --help cpu` prints."""
    _, _, rest = text.partition('Supported CPU models:')
    return re.findall(r'^\w+$', rest, re.MULTILINE)


@dataclass(frozen=True)
class _Program:
    """One of the two versions."""
    label: str
    command: list
    bios: str
    options: list
    environment: dict


def _check_model(program, model):
    result = subprocess.run([*program.command, '--help', 'cpu'], capture_output=True, text=True,
                            check=False, env={**os.environ, **program.environment})
    models = parse_models(result.stdout + result.stderr)
    if model not in models:
        raise LabError(f"--cpu-model {model}: {program.label} knows {', '.join(models)}")


def _write(path, text):
    with open(path, 'w', encoding='ascii') as file:
        file.write(text)
    return path


def _prepare(spec, inputs, program, say):
    """Build the CD and the configuration; return the Command that boots them."""
    data_file(_VGA_BIOS)
    if spec.cpu_model:
        _check_model(program, spec.cpu_model)
    kernel = inputs.kernel_image
    # KASLR is the decompressor's work.
    if 'nokaslr' in inputs.arguments.split():
        kernel = unpacked.image_of(kernel, say)
    image = iso.build(inputs.directory, kernel, inputs.initramfs, inputs.arguments)
    log = os.path.join(inputs.directory, 'emulator.log')
    config = render_config(spec, inputs, image, log, program.bios)
    rc = _write(os.path.join(inputs.directory, 'bochsrc'), config)
    label = f'{program.label}, {spec.cpus} x {spec.cpu_model or DEFAULT_MODEL}'
    return Command([*program.command, '-q', '-f', rc, *program.options], log, label,
                   program.environment, always_busy=True)


def prepare(spec, inputs, say):
    """The Command for Bochs 2.7."""
    if spec.without:
        raise LabError(f"--without {' '.join(spec.without)}: Bochs 2.7 cannot change a CPU model; "
                       "use --machine bochs3, or --append 'clearcpuid=FEATURE', which taints")
    # The package is the debugger build: it waits for commands unless told to go on, and after an
    # unexpected stop.
    commands = _write(os.path.join(inputs.directory, 'debugger'), 'c\nq\n')
    program = _Program('Bochs 2.7', [tool('bochs')], data_file(_BIOS), ['-rc', commands], {})
    return _prepare(spec, inputs, program, say)


def prepare_3(spec, inputs, say):
    """The Command for Bochs 3.0, which is twice as fast and has fewer faults."""
    found = bochs3.fetch(say)
    program = _Program('Bochs 3.0', found.command, found.bios, [], found.environment)
    return _prepare(spec, inputs, program, say)
