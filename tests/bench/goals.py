# SPDX-License-Identifier: GPL-2.0-only
"""What the benchmark's figures are wanted to be, and whether they are."""

# Of loads of Linux: who measured them without the module, with it, and without it again.
MAIN = ('native', 'rmvisor linux', 'native, again')
ONE_CPU = ('1 CPU: native', '1 CPU: rmvisor', '1 CPU: native, again')
LOADS = ('system call', 'page fault', 'work on memory', 'fork and exec', 'compile',
         'pipe round trip', 'IPI round trip')


def ratio(found, ours, theirs):
    """Of the medians at two places, (who, what) each."""
    return found[ours[0]][ours[1]]['median'] / max(1, found[theirs[0]][theirs[1]]['median'])


def _at_most(limit, *places):
    """Of (label, ours, theirs): the figures as text, and if all are within the limit."""
    def judge(found):
        figures = [(label, ratio(found, ours, theirs)) for label, ours, theirs in places]
        text = '; '.join(f'{label}{figure:.3f}' for label, figure in figures)
        return text, max(figure for _, figure in figures) <= limit
    return judge


def _of_kvm(limit, ours, what):
    return _at_most(limit, ('', (ours, what), ('kvm', what)))


def _cpuid(limit, who, single, other=('kvm', 'cpuid'), other_single=('1 CPU: kvm', 'cpuid')):
    return _at_most(limit, ('', (who, 'cpuid'), other),
                    ('one CPU ', (single, 'cpuid'), other_single))


def _kick(found):
    ours, theirs = (found[who]['kick alone']['median'] for who in ('rmvisor', 'kvm'))
    signal = ratio(found, *((who, "signal to KVM_RUN's return") for who in ('rmvisor', 'kvm')))
    return (f"{ours} against {theirs} ticks, {ours / theirs:.3f}; from the signal to KVM_RUN's "
            f'return {signal:.2f}', ours * 4 <= theirs)


def _slowest_load(found):
    """Of both boots; native and native again are the same thing, so their mean is what counts."""
    worst = []
    for label, (before, loaded, again) in (('', MAIN), ('one CPU ', ONE_CPU)):
        ratios = [(2 * found[loaded][name]['median'] /
                   (found[before][name]['median'] + found[again][name]['median']), name)
                  for name in LOADS if name in found[loaded]]
        slowest, name = max(ratios)
        worst.append((slowest, f'{label}{name} {slowest:.4f}'))
    return '; '.join(text for _, text in worst), max(worst)[0] <= 1.01


def _gap(found):
    longest = max(found[who]['longest gap']['median'] for who in
                  ('rmvisor', 'rmvisor, 8 CPUs', 'rmvisor, 8 CPUs, busy CPU'))
    return f"{longest} ticks, the emulator's own turn", longest < 128


def _launch(found):
    boots = [found[f'rmvisor, {count} CPUs'] for count in (1, 2, 4, 8)]
    ratios = [figures['launch']['median'] / figures['VMCS set-up']['median'] for figures in boots]
    return f'{min(ratios):.2f} to {max(ratios):.2f}', max(ratios) <= 2


GOALS = (
    ("CPUID in Linux with statistics: at most 1/8 of KVM's",
     _cpuid(1 / 8, 'rmvisor linux', '1 CPU: rmvisor')),
    ('the same with the trace: at most 1/6, KVM without one',
     _cpuid(1 / 6, 'rmvisor linux, trace', '1 CPU: rmvisor, trace')),
    ('the same with statistics: at most 1.5 of the floor',
     _cpuid(1.5, 'rmvisor linux', '1 CPU: rmvisor', ('floor linux', 'floor'),
            ('1 CPU: floor', 'floor'))),
    ("exit to user space and back: at most half of KVM's while the owner spins",
     _of_kvm(1 / 2, 'rmvisor', 'out to user space')),
    ("... at most KVM's when it sleeps", _of_kvm(1, 'rmvisor', 'out to an owner that sleeps')),
    ("kick, from the request to the exit: at most 1/4 of KVM's", _kick),
    ('Linux: no load more than 1 % slower', _slowest_load),
    ('dedicated CPU: no gap', _gap),
    ('launch: interrupts off for at most twice the VMCS set-up', _launch),
)


def rows(found):
    """The goals as a table."""
    yield '| goal | here | reached |'
    yield '|---|---:|---|'
    for text, judge in GOALS:
        figures, reached = judge(found)
        yield f"| {text} | {figures} | {'yes' if reached else '**no**'} |"
