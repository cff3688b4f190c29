# SPDX-License-Identifier: GPL-2.0-only
"""The machines by name."""

from ..errors import LabError
from . import bochs, qemu

MACHINES = {
    'bochs': bochs.prepare,
    'bochs3': bochs.prepare_3,
    'qemu-kvm': qemu.prepare_kvm,
    'qemu-tcg': qemu.prepare_tcg,
}
NAMES = ('auto', *MACHINES)


def choose(name, say):
    """The name that "auto" stands for on this host; other names are checked only."""
    if name == 'auto':
        reason = qemu.nested_vmx_reason()
        if reason is None:
            return 'qemu-kvm'
        say(f'machine bochs: {reason}')
        return 'bochs'
    if name not in MACHINES:
        raise LabError(f"--machine {name}: unknown; give one of {', '.join(NAMES)}")
    return name
