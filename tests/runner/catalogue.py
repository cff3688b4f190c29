# SPDX-License-Identifier: GPL-2.0-only
"""The cases of the lab and of the host, as tests/lab/cases/cases.toml lists them."""

import tomllib
from dataclasses import dataclass, field, fields, replace
from typing import List, Optional

from .context import PROGRAMS, machines

MACHINES = (*machines.NAMES, 'host')
TIERS = ('quick', 'kept', 'soak')
NEEDS = ('rmvisor', 'rmvisor_fault', 'rmvisor_kunit', 'rmvisor_unnamed', 'rmvisor_fault_unnamed',
         'rmtest', 'rmguest', 'guests', 'bench', 'kexec', 'stress_ng', 'trace_cmd', 'perf',
         *PROGRAMS)


class CatalogueError(Exception):
    """The file says something that makes no sense; the text names the case."""


@dataclass
class Case:
    """One script on one machine. cases.toml explains the members."""
    name: str
    script: str
    about: str
    arguments: List[str] = field(default_factory=list)
    machine: str = 'auto3'
    cpus: int = 2
    cpu_model: Optional[str] = None
    kernel: str = '6.1-cloud'
    append: str = ''
    strict_msrs: bool = False
    memory: Optional[int] = None
    modules: List[str] = field(default_factory=list)
    needs: List[str] = field(default_factory=list)
    allow_dmesg: List[str] = field(default_factory=list)
    allow_emulator: List[str] = field(default_factory=list)
    ends_machine: bool = False
    next_script: Optional[str] = None
    next_arguments: List[str] = field(default_factory=list)
    tier: str = 'quick'
    timeout: int = 60

    def machine_key(self):
        """Cases with the same key can share a boot."""
        alone = self.name if self.ends_machine else None
        return (self.machine, self.cpus, self.cpu_model, self.kernel, self.append, self.tier,
                self.memory, self.strict_msrs, tuple(self.allow_emulator), alone)

    def following(self):
        """The case that goes on in the kernel that this one starts, or None."""
        if self.next_script is None:
            return None
        return replace(self, name=f'{self.name}-next', script=self.next_script,
                       arguments=self.next_arguments, next_script=None)


_MEMBERS = {member.name for member in fields(Case)} - {'name'}


def _check(case):
    for value, known, what in ((case.machine, MACHINES, 'machine'), (case.tier, TIERS, 'tier')):
        if value not in known:
            raise CatalogueError(f"{case.name}: {what} '{value}' is none of {', '.join(known)}")
    unknown = set(case.needs) - set(NEEDS)
    if unknown:
        raise CatalogueError(f"{case.name}: needs {', '.join(sorted(unknown))}: nobody builds that")
    if case.next_script and not case.ends_machine:
        raise CatalogueError(f'{case.name}: next_script without ends_machine')


def parse(text):
    """The cases of a file's text, in its order."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(str(error)) from error
    cases = []
    for name, table in tables.items():
        unknown = set(table) - _MEMBERS
        if unknown:
            raise CatalogueError(f"{name}: unknown {', '.join(sorted(unknown))}")
        missing = {'script', 'about'} - set(table)
        if missing:
            raise CatalogueError(f"{name}: no {', '.join(sorted(missing))}")
        cases.append(Case(name=name, **table))
        _check(cases[-1])
    return cases


def load(path):
    """The cases of a file."""
    with open(path, encoding='utf-8') as file:
        return parse(file.read())
