# SPDX-License-Identifier: GPL-2.0-only
"""Trace records and files as the module and rmguest write them, for tests of rmguest."""

import json
import struct

TRACE_VERSION = 2  # RMVISOR_TRACE_VERSION
FILE_VERSION = 2   # trace_file_version
EXIT, LAUNCH, PARK, RUN, STOP, LOST = 1, 3, 5, 6, 7, 9
SKIP, USER = 2, 4
CPUID, HLT, IO = 10, 12, 30
CODE64, REGS = 16, 4


def record(tsc, cpu, kind, *, ticks=0, vm=0, reason=0, action=0, flags=0, length=0, rip=0,
           cs_base=0, qualification=0, regs=(0, 0, 0)):
    """struct rmvisor_trace_record."""
    return struct.pack('<QIHHHHBBBBQIIQ4I', tsc, ticks, cpu, vm, 0, reason, kind, action, flags,
                       length, rip, cs_base, 0, qualification, *regs, 0)


def entry(raw, code=b''):
    """struct TraceFileEntry."""
    return raw + code.ljust(15, b'\0') + bytes([len(code)])


def trace_file(entries, *, lost=0, tsc_khz=2000000, symbols=None):
    """A file of rmguest run --trace."""
    text = json.dumps(symbols).encode() if symbols else b''
    offset = 64 + 80 * len(entries) if text else 0
    header = struct.pack('<8s6I4Q', b'RMVTRACE', FILE_VERSION, 64, 80, TRACE_VERSION, 1, 3, lost,
                         tsc_khz, offset, 0)
    return header + b''.join(entries) + text


def sample():
    """Linux on CPU 0 and a guest on CPU 1 that prints a byte and halts."""
    out = bytes.fromhex('e6e9')
    return [
        entry(record(1000, 0, EXIT, ticks=120, reason=CPUID, action=SKIP, flags=CODE64 | REGS,
                     length=2, rip=0xffffffff81001010), bytes.fromhex('0fa2')),
        entry(record(2000, 1, PARK)),
        entry(record(5000, 1, RUN, vm=3, ticks=50)),
        entry(record(9000, 1, EXIT, ticks=300, vm=3, reason=IO, action=USER, flags=REGS, length=2,
                     rip=0x7c05, qualification=0x00e90040, regs=(0x41, 0, 0)), out),
        entry(record(9300, 1, STOP, vm=3, qualification=1)),
        entry(record(20000, 1, RUN, vm=3, ticks=60)),
        entry(record(21000, 0, EXIT, ticks=130, reason=CPUID, action=SKIP, flags=CODE64 | REGS,
                     length=2, rip=0xffffffff81001010), bytes.fromhex('0fa2')),
        entry(record(26000, 1, EXIT, ticks=200, vm=3, reason=HLT, action=USER, length=1,
                     rip=0x7c07), b'\xf4'),
        entry(record(26200, 1, STOP, vm=3, qualification=2)),
    ]


SYMBOLS = {'linux': [[0xffffffff81001000, 'native_cpuid']], 'guest': [[0x7c00, 'start']]}
NAMES = {**SYMBOLS, 'names': [[3, 'hello']]}
