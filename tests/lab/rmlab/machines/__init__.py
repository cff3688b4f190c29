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
# What stands in where the host's KVM can't do it.
AUTOMATIC = {'auto': 'bochs', 'auto3': 'bochs3'}
NAMES = (*AUTOMATIC, *MACHINES)


def choose(name, say):
    """The machine that an automatic name stands for on this host; other names are checked only."""
    if name in AUTOMATIC:
        reason = qemu.nested_vmx_reason()
        if reason is None:
            return 'qemu-kvm'
        say(f'machine {AUTOMATIC[name]}: {reason}')
        return AUTOMATIC[name]
    if name not in MACHINES:
        raise LabError(f"--machine {name}: unknown; give one of {', '.join(NAMES)}")
    return name
