# SPDX-License-Identifier: GPL-2.0-only
"""Where things are, and which parts of a run are wanted."""

import os
import sys
from dataclasses import dataclass

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
TESTS = os.path.join(TOP, 'tests')
LAB = os.path.join(TESTS, 'lab')
CASES = os.path.join(LAB, 'cases')
KERNELS = ('6.1-cloud', '6.1-amd64', '6.1-rt', '6.12-cloud', '6.12-amd64')  # the build matrix
# Programs of the lab's cases: a file or a folder of that name beside them.
CLIENTS = ('kvm_client', 'alloc_client', 'owner_states', 'api_table', 'trace_reader',
           'events_client', 'witness')
PROGRAMS = (*CLIENTS, 'entry_rules', 'vmx_user')

if LAB not in sys.path:
    sys.path.insert(0, LAB)

# The launcher's parts that the runner uses.
from rmlab import debian, debug_kernel, machines  # noqa: E402,F401  (the path comes first)
from rmlab.errors import LabError  # noqa: E402,F401
from rmlab.verdict import kernel_complaints  # noqa: E402,F401

DEBUG_KERNELS = tuple(debug_kernel.FRAGMENTS)  # which the lab builds itself


@dataclass(frozen=True)
class Context:
    """The folder of everything that is built, and how it is built."""
    build: str
    clean: bool  # build modules from nothing, so that every warning is seen

    @property
    def logs(self):
        return os.path.join(self.build, 'test-logs')

    def log(self, name):
        """The path of a case's log."""
        return os.path.join(self.logs, f'{name}.log')

    def module(self, release):
        return os.path.join(self.build, release, 'rmvisor.ko')

    def fault_module(self, release):
        """The module that can force failures."""
        return os.path.join(self.build, f'{release}-fault', 'rmvisor.ko')

    def unnamed(self, module):
        """A module without the names of its own functions and variables."""
        return os.path.join(f'{os.path.dirname(module)}-unnamed', 'rmvisor.ko')

    def rmtest(self, release):
        return os.path.join(self.build, f'{release}-lab', 'rmtest.ko')

    def kunit_module(self, release):
        """The KUnit suites of the shim."""
        return os.path.join(self.build, f'{release}-kunit', 'rmvisor_kunit.ko')

    def program(self, name):
        """One of the lab's own."""
        return os.path.join(self.build, 'tests', name)

    @property
    def rmguest(self):
        return os.path.join(self.build, 'user', 'rmguest')

    @property
    def guests(self):
        return os.path.join(self.build, 'guests')

    @property
    def bench(self):
        return os.path.join(self.build, 'bench')
