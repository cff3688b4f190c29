# SPDX-License-Identifier: GPL-2.0-only
"""The benchmark's figures side by side, as a table in Markdown."""

import goals

# name, who and what it is, who and what it is compared with
EXITS = (
    ('CPUID in Linux under rmvisor', ('rmvisor linux', 'cpuid'), ('kvm', 'cpuid')),
    ('the same without statistics', ('rmvisor linux, no statistics', 'cpuid'), ('kvm', 'cpuid')),
    ('the same, every exit traced', ('rmvisor linux, trace', 'cpuid'), ('kvm, trace', 'cpuid')),
    ('the same, with a filter', ('rmvisor linux, trace and filter', 'cpuid'),
     ('kvm, trace and filter', 'cpuid')),
    ('CPUID in a guest', ('rmvisor', 'cpuid'), ('kvm', 'cpuid')),
    ('the same without statistics', ('rmvisor, no statistics', 'cpuid'), ('kvm', 'cpuid')),
    ('the same, every exit traced', ('rmvisor, trace', 'cpuid'), ('kvm, trace', 'cpuid')),
    ('the same, with a filter', ('rmvisor, trace and filter', 'cpuid'),
     ('kvm, trace and filter', 'cpuid')),
    ('RDMSR in a guest', ('rmvisor', 'rdmsr'), ('kvm', 'rdmsr')),
    ('WRMSR in a guest', ('rmvisor', 'wrmsr'), ('kvm', 'wrmsr')),
    ('OUT to user space and back', ('rmvisor', 'out to user space'), ('kvm', 'out to user space')),
    ('the same, every exit traced', ('rmvisor, trace', 'out to user space'),
     ('kvm, trace', 'out to user space')),
    ('OUT to an owner that sleeps', ('rmvisor', 'out to an owner that sleeps'),
     ('kvm', 'out to an owner that sleeps')),
    ('IN from user space', ('rmvisor', 'in from user space'), ('kvm', 'in from user space')),
    ('HLT to user space and back', ('rmvisor', 'hlt to user space'), ('kvm', 'hlt to user space')),
    ('REP OUTSB, per byte', ('rmvisor', 'outsb per byte'), ('kvm', 'outsb per byte')),
    ('OUT to the handler of an interrupt', ('rmvisor', 'interrupt injected'),
     ('kvm', 'interrupt injected')),
    ('access without memory', ('rmvisor', 'access without memory'),
     ('kvm', 'access without memory')),
    ("kick alone", ('rmvisor', 'kick alone'), ('kvm', 'kick alone')),
    ("signal to KVM_RUN's return", ('rmvisor', "signal to KVM_RUN's return"),
     ('kvm', "signal to KVM_RUN's return")),
    ('VM and vCPU created', ('rmvisor', 'create VM and vCPU'), ('kvm', 'create VM and vCPU')),
    ('and destroyed', ('rmvisor', 'destroy them'), ('kvm', 'destroy them')),
    ('longest gap in a busy guest', ('rmvisor', 'longest gap'), ('kvm', 'longest gap')),
)

# Of the boot with eight CPUs.
_OF_TWO = ('INIT and SIPI to the first instruction', 'IPI to a busy vCPU', 'IPI to a halted vCPU',
           "exit of the guest's timer", "the timer's exit to its handler")
PAIRS = tuple((name + mode, ('rmvisor, 8 CPUs' + mode, name), ('kvm, 8 CPUs' + mode, name))
              for mode in ('', ', xAPIC') for name in _OF_TWO)
BESIDE = (('KiB beside a guest', ('rmvisor, 8 CPUs', 'KiB beside a guest'),
           ('kvm, 8 CPUs', 'KiB beside a guest')),)
GAPS = ('rmvisor, 8 CPUs', 'rmvisor, 8 CPUs, busy CPU', 'kvm, 8 CPUs', 'kvm, 8 CPUs, busy CPU',
        'kvm, isolated CPU')

# Of the boot with one CPU, where a tick is an instruction.
SINGLE = (
    ('CPUID in Linux under rmvisor', ('1 CPU: rmvisor', 'cpuid'), ('1 CPU: kvm', 'cpuid')),
    ('the same without statistics', ('1 CPU: rmvisor, no statistics', 'cpuid'),
     ('1 CPU: kvm', 'cpuid')),
    ('the same, every exit traced', ('1 CPU: rmvisor, trace', 'cpuid'),
     ('1 CPU: kvm, trace', 'cpuid')),
    ('the same, with a filter', ('1 CPU: rmvisor, trace and filter', 'cpuid'),
     ('1 CPU: kvm, trace and filter', 'cpuid')),
    ('CPUID of leaf 1', ('1 CPU: rmvisor', 'cpuid of leaf 1'), ('1 CPU: kvm', 'cpuid')),
    ('the least an exit of Linux can do', ('1 CPU: floor', 'floor'), ('1 CPU: kvm', 'cpuid')),
)

CPU_COUNTS = (1, 2, 4, 8)
SIZES = (1, 16, 128, 1024)

LOADS_SINGLE = tuple(name for name in goals.LOADS if name != 'IPI round trip')


def _figures(found, place):
    who, what = place
    return found[who][what]


def exit_rows(found, table=EXITS):
    """[(name, rmvisor's figures, KVM's figures, ratio of the medians)]"""
    rows = []
    for name, ours, theirs in table:
        mine, other = _figures(found, ours), _figures(found, theirs)
        rows.append((name, mine, other, goals.ratio(found, ours, theirs)))
    return rows


def loads(found, names=goals.LOADS, boots=goals.MAIN):
    """[(name, ticks natively, under rmvisor, natively again, exits of one)]"""
    _, loaded, _ = boots
    return [(name, *(found[who][name]['median'] for who in boots),
             found[loaded][f'exits of {name}']['median']) for name in names]


def linux_rows(found, names=goals.LOADS, boots=goals.MAIN):
    """Native, loaded and native again, which shows what of a ratio is chance."""
    yield '| ticks | native | under rmvisor | ratio | native again | ratio | exits |'
    yield '|---|---:|---:|---:|---:|---:|---:|'
    for name, before, loaded, again, exits in loads(found, names, boots):
        yield (f'| {name} | {before:,} | {loaded:,} | {loaded / before:.3f} | {again:,} '
               f'| {again / before:.3f} | {exits:,} |')


def _lines(head, rows):
    yield '| ' + ' | '.join(head) + ' |'
    yield '|---|---:|---:|---:|---:|'
    for name, first, second, ratio in rows:
        yield (f"| {name} | {first['median']:,} | {first['max']:,} | {second['median']:,} "
               f"| {ratio:.3f} |")


def _median(found, who, what):
    return f"{found[who][what]['median']:,}"


def launch_rows(found):
    """Of 1 to 8 CPUs: ticks with interrupts off, those of them that make the VMCS, their ratio."""
    yield '| CPUs | launch, slowest CPU | its VMCS | ratio |'
    yield '|---:|---:|---:|---:|'
    for count in CPU_COUNTS:
        figures = found[f'rmvisor, {count} CPUs']
        whole, part = figures['launch']['median'], figures['VMCS set-up']['median']
        yield f'| {count} | {whole:,} | {part:,} | {whole / part:.2f} |'


def size_rows(found):
    """Of guests with more and more memory: time to give it and to touch it, memory beside it."""
    yield ('| guest memory | rmvisor: give | touch | KiB beside it '
           '| KVM: give | touch | KiB beside it |')
    yield '|---:|---:|---:|---:|---:|---:|---:|'
    for size in SIZES:
        cells = (_median(found, who, f'{what} {size} MiB')
                 for who in ('rmvisor', 'kvm')
                 for what in ('ticks to give', 'ticks to touch', 'KiB beside'))
        yield f'| {size:,} MiB | ' + ' | '.join(cells) + ' |'


def gap_rows(found):
    """How often two readings of the TSC were how far from each other."""
    yield '| gaps | longest | under 128 | to 1,023 | to 8,191 | to 65,535 | longer |'
    yield '|---|---:|---:|---:|---:|---:|---:|'
    for who in GAPS:
        cells = (_median(found, who, what) for what in
                 ('longest gap', *(f'gaps below 2^{power}' for power in (7, 10, 13, 16, 32))))
        yield f'| {who} | ' + ' | '.join(cells) + ' |'


def trace_rows(found):
    """Records per million ticks."""
    yield '| records in a million ticks | read | lost | most without loss |'
    yield '|---|---:|---:|---:|'
    rate = 'records in a million ticks without loss'
    for who in ('rmvisor, binary trace', 'rmvisor, text trace', 'kvm, binary trace',
                'kvm, text trace'):
        nothing_lost = found[who]['records lost in a million ticks']['median'] == 0
        which = 'records read in a million ticks' if nothing_lost else rate
        most = _median(found, who, which) if rate in found[who] else ''
        yield (f"| {who} | {_median(found, who, 'records read in a million ticks')} | "
               f"{_median(found, who, 'records lost in a million ticks')} | {most} |")


def _floor_lines(found):
    guest, linux = found['floor']['floor']['median'], found['floor linux']['floor']['median']
    yield f'The least that an exit costs here: {guest} ticks in a guest, {linux} in Linux.'


def _memory_lines(found):
    single = {what: found['rmvisor'][what]['median'] for what in
              ('module', 'KiB per CPU', 'KiB of tables')}
    yield (f"Leave: {_median(found, 'rmvisor', 'leave')} ticks on one of eight CPUs. "
           f'Memory: {single["KiB per CPU"]} KiB per CPU with its trace ring, '
           f'{single["KiB of tables"]} KiB of tables, {single["module"] >> 10} KiB of module.')


def _exit_lines(found):
    idle, busy = (found['rmvisor linux'][f'exits in a second, {what}']['median'] for what in
                  ('idle', 'programs start all the time'))
    yield (f'Exits of Linux in a second, three CPUs together: {idle:,} while it is idle, {busy:,} '
           'while programs start all the time.')


def _native_lines(found):
    yield (f"Natively CPUID takes {_median(found, '1 CPU: native', 'cpuid')} ticks there, the loop "
           'around it included, as in all of these rows.')


_HEAD = ('ticks', 'rmvisor', 'worst', 'KVM', 'ratio')

# Every part of docs/benchmark.md that is made of figures.
BLOCKS = {
    'exits': lambda found: _lines(_HEAD, exit_rows(found)),
    'floor': _floor_lines,
    'single': lambda found: _lines(_HEAD, exit_rows(found, SINGLE)),
    'natively': _native_lines,
    'pairs': lambda found: _lines(_HEAD, exit_rows(found, PAIRS + BESIDE)),
    'sizes': size_rows,
    'gaps': gap_rows,
    'launch': launch_rows,
    'memory': _memory_lines,
    'trace': trace_rows,
    'linux': linux_rows,
    'linux single': lambda found: linux_rows(found, LOADS_SINGLE, goals.ONE_CPU),
    'exits of Linux': _exit_lines,
    'goals': goals.rows,
}


def block(name, found):
    """One of BLOCKS, as text. KeyError if it is of a boot that was not asked for."""
    return '\n'.join(BLOCKS[name](found))


def table(found):
    """All of them, but for those of boots that were not asked for."""
    blocks = []
    for name in BLOCKS:
        try:
            blocks.append(block(name, found))
        except KeyError:
            continue
    return '\n\n'.join(blocks)
