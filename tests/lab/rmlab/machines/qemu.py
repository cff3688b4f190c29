# SPDX-License-Identifier: GPL-2.0-only
"""QEMU: with KVM where the host offers nested VMX, else TCG, which has no VMX."""

import os

from ..errors import LabError
from ..tools import tool
from .base import Command

_NESTED = '/sys/module/kvm_intel/parameters/nested'


def nested_vmx_reason():
    """None when this host's KVM can give VMX to a guest, else the reason why not."""
    if not os.access('/dev/kvm', os.R_OK | os.W_OK):
        return 'no usable /dev/kvm' if os.path.exists('/dev/kvm') else 'no /dev/kvm'
    with open('/proc/cpuinfo', encoding='ascii', errors='replace') as file:
        flags = next((line for line in file if line.startswith('flags')), '')
    if 'vmx' not in flags.split():
        return "the host's CPU has no VMX (cpuid)"
    try:
        with open(_NESTED, encoding='ascii') as file:
            nested = file.read().strip()
    except OSError:
        return 'kvm_intel is not loaded'
    return None if nested in ('Y', '1') else 'kvm_intel was loaded with nested=0'


def arguments(spec, inputs, accelerated):
    """QEMU's command line after the program's name."""
    model = spec.cpu_model or ('host' if accelerated else 'max')
    port = 'serial' if inputs.interactive else 'file'
    model = ','.join([model, *(f'-{feature}' for feature in spec.without)])
    return ['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot',
            '-machine', 'pc', '-accel', 'kvm' if accelerated else 'tcg', '-cpu', model,
            '-smp', f'{spec.cpus},sockets=1,cores={spec.cpus}', '-m', str(spec.memory),
            '-kernel', inputs.kernel_image, '-initrd', inputs.initramfs,
            '-append', inputs.arguments,
            '-chardev', f'{port},id=com1,path={inputs.serial}', '-serial', 'chardev:com1',
            '-chardev', f'file,id=com2,path={inputs.kernel_serial}', '-serial', 'chardev:com2']


def _prepare(spec, inputs, accelerated):
    kind = 'KVM' if accelerated else 'TCG'
    command = [tool('qemu-system-x86_64'), *arguments(spec, inputs, accelerated)]
    return Command(command, None, f'QEMU ({kind}), {spec.cpus} CPUs')


def prepare_tcg(spec, inputs, _say):
    """The Command for a machine without VMX."""
    return _prepare(spec, inputs, False)


def prepare_kvm(spec, inputs, _say):
    """The Command for a machine with nested VMX, or a LabError when the host has none."""
    reason = nested_vmx_reason()
    if reason is not None:
        raise LabError(f'--machine qemu-kvm: {reason}; use --machine bochs')
    return _prepare(spec, inputs, True)
