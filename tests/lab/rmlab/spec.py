# SPDX-License-Identifier: GPL-2.0-only
"""What one run of the lab is made of."""

from dataclasses import dataclass, field
from typing import List, Optional

from .errors import LabError

DEFAULT_TIMEOUT = 240
DEFAULT_MEMORY = 512
MAX_CPUS = 16

# The kernel talks on the second serial port, the script on the first.
# Mitigations, KASLR and MWAIT cost time here and are tested by runs that put them back with
# --append (the last word on a kernel command line wins). idle=nomwait: Bochs 2.7 loses MWAIT
# wake-ups, and a boot of four CPUs takes seven times as long. clearcpuid=131: an offline CPU waits
# by HLT instead; by MWAIT, which ends at once there, three of them slow the fourth down eighty
# times.
_ARGUMENTS = ('console=ttyS1,115200 nokaslr idle=nomwait clearcpuid=131 mitigations=off audit=0 '
              'quiet loglevel=4')

# Half a stock kernel's boot in an emulator goes into work that has nothing to do with us: the self
# tests of its ciphers and of their entropy, the signatures of its certificates, the type
# information of BPF's helpers.
# (Without the certificates a module of Debian's own counts as unsigned, which taints, no more.)
_SKIPPED_INITCALLS = ('load_system_certificate_list', 'bpf_rstat_kfunc_init',
                      'bpf_key_sig_kfuncs_init', 'bpf_prog_test_run_init',
                      'bpf_tcp_ca_kfunc_init', 'cubictcp_register', 'jent_mod_init', 'kfunc_init')
KERNEL_ARGUMENTS = (f'{_ARGUMENTS} cryptomgr.notests '
                    f"initcall_blacklist={','.join(_SKIPPED_INITCALLS)}")


@dataclass(frozen=True)
class File:
    """A file of the host that goes into the guest."""
    source: str
    target: str
    mode: int


@dataclass
class Spec:
    """One run. Paths are the host's; `timeout` is seconds of wall time, `memory` is MiB."""
    script: Optional[str] = None
    next_script: Optional[str] = None
    name: str = 'lab'
    machine: str = 'auto'
    cpus: int = 2
    cpu_model: Optional[str] = None
    without: List[str] = field(default_factory=list)
    strict_msrs: bool = False
    memory: int = DEFAULT_MEMORY
    kernel: str = '6.1-cloud'
    append: str = ''
    timeout: float = DEFAULT_TIMEOUT
    files: List[File] = field(default_factory=list)
    binaries: List[str] = field(default_factory=list)
    modules: List[str] = field(default_factory=list)
    allow_dmesg: List[str] = field(default_factory=list)
    allow_emulator: List[str] = field(default_factory=list)
    log_dir: Optional[str] = None

    def validate(self):
        """Raise a LabError when a number makes no sense."""
        if not 1 <= self.cpus <= MAX_CPUS:
            raise LabError(f'--cpus {self.cpus}: give 1 to {MAX_CPUS}')
        if not 128 <= self.memory <= 2048:
            raise LabError(f'--memory {self.memory}: give 128 to 2048 MiB')
        if self.timeout <= 0:
            raise LabError(f'--timeout {self.timeout:g}: give a time above 0 seconds')

    def kernel_arguments(self):
        """The guest kernel's whole command line; kaslr in `append` takes nokaslr away, which
        would win over it wherever it stands."""
        arguments = KERNEL_ARGUMENTS
        if 'kaslr' in self.append.split():
            arguments = arguments.replace('nokaslr ', '')
        return f'{arguments} {self.append}'.strip()


def parse_file(text):
    """SRC[:DST[:MODE]] as File; DST defaults to /lab/<name of SRC>, MODE to the source's."""
    source, _, rest = text.partition(':')
    target, _, mode = rest.partition(':')
    try:
        bits = int(mode, 8) if mode else 0
    except ValueError as error:
        raise LabError(f"--file {text}: '{mode}' is not an octal mode such as 755") from error
    if not source:
        raise LabError(f"--file '{text}': no source given (SRC[:DST[:MODE]])")
    return File(source, target or '/lab/' + source.rstrip('/').rsplit('/', 1)[-1], bits)
