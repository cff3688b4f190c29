# SPDX-License-Identifier: GPL-2.0-only
"""A folder that looks like rmvisor's in debugfs, with a guest on CPU 1, for rmguest --debugfs."""

import os
import struct

REASONS = 80  # RMVISOR_STATS_REASONS
BUCKETS = 16  # RMVISOR_STATS_BUCKETS
STATS_VERSION = 1

CPUID, IO, HLT, CR_ACCESS = 10, 30, 12, 28


def bucket_of(ticks):
    """Of a histogram, for an exit that took so many ticks."""
    return min(max(ticks.bit_length() - 6, 0), BUCKETS - 1)


def stats_entry(count, ticks_each):
    """struct rmvisor_stats_entry."""
    histogram = [0] * BUCKETS
    histogram[bucket_of(ticks_each)] = count
    return struct.pack('<2Q16Q', count, count * ticks_each, *histogram)


def stats(cpu, linux_exits, guest_exits):
    """struct rmvisor_stats; each dictionary has (count, ticks each) by reason."""
    parts = [struct.pack('<4I', STATS_VERSION, REASONS, BUCKETS, cpu)]
    for exits in (linux_exits, guest_exits):
        parts += [stats_entry(*exits.get(reason, (0, 0))) for reason in range(REASONS)]
    return b''.join(parts)


def _replace(path, data):
    """So that a reader sees the old file or the new one."""
    with open(path + '.new', 'wb') as file:
        file.write(data)
    os.rename(path + '.new', path)


class FakeDebugfs:
    """Two CPUs; advance() makes it as if some time had passed."""

    def __init__(self, root):
        self.root = root
        self._round = 0
        for cpu in (0, 1):
            os.makedirs(os.path.join(root, 'per_cpu', f'cpu{cpu}'), exist_ok=True)
        self.write('status', b'cpu0: linux owner linux launch_ticks 700 stops 0 trace_records 9\n'
                             b'cpu1: running owner vm3/0 launch_ticks 700 stops 5 '
                             b'trace_records 20\n')
        self.write('stats_on', b'0\n')
        self.advance()

    def write(self, name, data):
        _replace(os.path.join(self.root, name), data)

    def read(self, name):
        with open(os.path.join(self.root, name), 'rb') as file:
            return file.read()

    def advance(self):
        self._round += 1
        many = self._round
        self.write('per_cpu/cpu0/stats_raw',
                   stats(0, {CPUID: (1000 * many, 120), CR_ACCESS: (10 * many, 300)}, {}))
        self.write('per_cpu/cpu1/stats_raw',
                   stats(1, {CPUID: (500, 120)}, {IO: (40 * many, 2500), HLT: (many, 4000)}))
