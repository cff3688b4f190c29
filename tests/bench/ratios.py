# SPDX-License-Identifier: GPL-2.0-only
"""The benchmark's figures side by side, as a table in Markdown."""

# name, who and what it is, who and what it is compared with
EXITS = (
    ('CPUID in Linux under rmvisor', ('rmvisor linux', 'cpuid'), ('kvm', 'cpuid')),
    ('the same without statistics', ('rmvisor linux, no statistics', 'cpuid'), ('kvm', 'cpuid')),
    ('the same, every exit traced', ('rmvisor linux, trace', 'cpuid'), ('kvm, trace', 'cpuid')),
    ('CPUID in a guest', ('rmvisor', 'cpuid'), ('kvm', 'cpuid')),
    ('the same without statistics', ('rmvisor, no statistics', 'cpuid'), ('kvm', 'cpuid')),
    ('the same, every exit traced', ('rmvisor, trace', 'cpuid'), ('kvm, trace', 'cpuid')),
    ('RDMSR in a guest', ('rmvisor', 'rdmsr'), ('kvm', 'rdmsr')),
    ('WRMSR in a guest', ('rmvisor', 'wrmsr'), ('kvm', 'wrmsr')),
    ('OUT to user space and back', ('rmvisor', 'out to user space'), ('kvm', 'out to user space')),
    ('the same, every exit traced', ('rmvisor, trace', 'out to user space'),
     ('kvm, trace', 'out to user space')),
    ('IN from user space', ('rmvisor', 'in from user space'), ('kvm', 'in from user space')),
    ('HLT to user space and back', ('rmvisor', 'hlt to user space'), ('kvm', 'hlt to user space')),
    ('REP OUTSB, per byte', ('rmvisor', 'outsb per byte'), ('kvm', 'outsb per byte')),
    ('OUT to the handler of an interrupt', ('rmvisor', 'interrupt injected'),
     ('kvm', 'interrupt injected')),
    ('access without memory', ('rmvisor', 'access without memory'),
     ('kvm', 'access without memory')),
    ("signal to KVM_RUN's return", ('rmvisor', "signal to KVM_RUN's return"),
     ('kvm', "signal to KVM_RUN's return")),
    ('VM and vCPU created', ('rmvisor', 'create VM and vCPU'), ('kvm', 'create VM and vCPU')),
    ('and destroyed', ('rmvisor', 'destroy them'), ('kvm', 'destroy them')),
    ('longest gap in a busy guest', ('rmvisor', 'longest gap'), ('kvm', 'longest gap')),
)

LINUX = ('system call', 'page fault', 'work on memory', 'fork and exec', 'pipe round trip',
         'IPI round trip')


def _figures(found, place):
    who, what = place
    return found[who][what]


def exit_rows(found):
    """[(name, rmvisor's figures, KVM's figures, ratio of the medians)]"""
    rows = []
    for name, ours, theirs in EXITS:
        mine, other = _figures(found, ours), _figures(found, theirs)
        rows.append((name, mine, other, mine['median'] / max(1, other['median'])))
    return rows


def linux_rows(found):
    """[(name, native figures, figures under rmvisor, ratio of the medians)]"""
    rows = []
    for name in LINUX:
        before, loaded = found['native'][name], found['rmvisor linux'][name]
        rows.append((name, before, loaded, loaded['median'] / max(1, before['median'])))
    return rows


def _lines(head, rows):
    yield '| ' + ' | '.join(head) + ' |'
    yield '|---|---:|---:|---:|---:|'
    for name, first, second, ratio in rows:
        yield (f"| {name} | {first['median']:,} | {first['max']:,} | {second['median']:,} "
               f"| {ratio:.2f} |")


def table(found):
    """Two tables: rmvisor against KVM, and Linux under rmvisor against Linux without."""
    launches = [f"{found[f'rmvisor, {count} CPUs']['launch']['median']:,}" for count in (1, 2, 3)]
    single = {what: found['rmvisor'][what]['median'] for what in
              ('leave', "module", 'KiB per CPU', 'KiB of tables')}
    floor = found['floor']['floor']['median'], found['floor linux']['floor']['median']
    return '\n'.join([
        *_lines(('ticks', 'rmvisor', 'worst', 'KVM', 'ratio'), exit_rows(found)),
        '',
        f'The least that an exit costs here: {floor[0]} ticks in a guest, {floor[1]} in Linux.',
        '',
        f'Launch, ticks with interrupts off on the slowest of 1, 2 and 3 CPUs: '
        f'{", ".join(launches)}; leave, on one CPU: {single["leave"]:,}. Memory: '
        f'{single["KiB per CPU"]} KiB per CPU with its trace ring, {single["KiB of tables"]} KiB of '
        f'tables, {single["module"] >> 10} KiB of module.',
        '',
        *_lines(('ticks', 'native', 'worst', 'under rmvisor', 'ratio'), linux_rows(found))])
