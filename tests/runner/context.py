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

    def rmtest(self, release):
        return os.path.join(self.build, f'{release}-lab', 'rmtest.ko')

    def kunit_module(self, release):
        """The KUnit suites of the shim."""
        return os.path.join(self.build, f'{release}-kunit', 'rmvisor_kunit.ko')

    @property
    def vmx_user(self):
        return os.path.join(self.build, 'tests', 'vmx_user')

    @property
    def rmguest(self):
        return os.path.join(self.build, 'user', 'rmguest')

    @property
    def guests(self):
        return os.path.join(self.build, 'guests')

    @property
    def witness(self):
        return os.path.join(self.build, 'tests', 'witness')

    @property
    def bench(self):
        return os.path.join(self.build, 'bench')

    @property
    def events_client(self):
        return os.path.join(self.build, 'tests', 'events_client')

    @property
    def entry_rules(self):
        return os.path.join(self.build, 'tests', 'entry_rules')

    @property
    def alloc_client(self):
        return os.path.join(self.build, 'tests', 'alloc_client')

    @property
    def owner_states(self):
        return os.path.join(self.build, 'tests', 'owner_states')

    @property
    def api_table(self):
        return os.path.join(self.build, 'tests', 'api_table')

    @property
    def trace_reader(self):
        return os.path.join(self.build, 'tests', 'trace_reader')

    @property
    def kvm_client(self):
        return os.path.join(self.build, 'tests', 'kvm_client')
