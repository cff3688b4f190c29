# SPDX-License-Identifier: GPL-2.0-only
"""The launcher's command line."""

import argparse
import math
import signal
import sys

from . import debian, machines
from .console import Phase
from .errors import LabError
from .runner import boot
from .shell import LeftLab, shell
from .spec import DEFAULT_MEMORY, DEFAULT_TIMEOUT, Spec, parse_file
from .verdict import Kind

_SHOWN_LINES = 30
_INTERRUPTED = 128 + signal.SIGINT
_EXIT_CODES = '''exit status: 0..123 the script's own; 124 no end within the timeout; 125 panic,
oops or warning of the guest's kernel; 126 complaint of the emulator, or the machine stopped by
itself; 127 the lab could not start.'''


def _add_run_options(parser):
    add = parser.add_argument
    add('--machine', default='auto', choices=machines.NAMES)
    add('--cpus', type=int, default=2, metavar='N')
    add('--cpu-model', metavar='M', help="the machine's own name for a CPU model")
    add('--without', action='append', default=[], metavar='FEATURE',
        help="take a CPU feature away (the machine's own name, such as mwait)")
    add('--strict-msrs', action='store_true',
        help='reading an MSR that the CPU does not have faults, as on a real one (Bochs)')
    add('--memory', type=int, default=DEFAULT_MEMORY, metavar='MIB')
    add('--kernel', default='6.1-cloud', metavar='K',
        help=f"{', '.join(debian.NAMES)}, or a release such as 6.1.0-56-cloud-amd64")
    add('--append', default='', metavar='ARGS', help='more kernel arguments')
    add('--timeout', type=float, metavar='SEC',
        help=f'stop the machine after so long (run: {DEFAULT_TIMEOUT}; shell: never)')
    add('--next-script', metavar='FILE',
        help='the script of the next kernel: the same, which --script starts from /lab/next')
    add('--file', action='append', default=[], metavar='SRC[:DST[:MODE]]', dest='files',
        help='a file or a directory; DST is /lab/NAME by default')
    add('--binary', action='append', default=[], metavar='ELF', dest='binaries',
        help='a program, to /usr/bin, with the shared libraries it needs')
    add('--kmod', action='append', default=[], metavar='NAME', dest='modules',
        help="a module of the kernel's package, with those it needs; loaded by lab-insmod inside")
    add('--allow-dmesg', action='append', default=[], metavar='REGEX')
    add('--allow-emulator', action='append', default=[], metavar='REGEX')
    add('--name', default='lab')
    add('--log-dir', metavar='DIR', help='keep the console and the emulator log here')
    add('--quiet', action='store_true', help='no progress')
    add('--verbose', action='store_true', help='also show what the kernel says while booting')


class _Parser(argparse.ArgumentParser):
    """Exits as the launcher does when it cannot start: 2 could be the script's own status."""

    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(Kind.launcher.value, f'{self.prog}: {message}\n')


def parser():
    """The argument parser."""
    top = _Parser(prog='lab.py', epilog=_EXIT_CODES,
                  formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest='command', required=True)
    run = commands.add_parser('run', help='run a script in the lab', epilog=_EXIT_CODES,
                              formatter_class=argparse.RawDescriptionHelpFormatter)
    run.add_argument('--script', required=True, metavar='FILE', help='a busybox sh script')
    _add_run_options(run)
    run.set_defaults(timeout=DEFAULT_TIMEOUT)
    interactive = commands.add_parser('shell', help='an interactive shell in the lab',
                                      epilog='exit or poweroff ends it; Ctrl-] stops it at once')
    interactive.add_argument('--script', metavar='FILE', help='run this before the shell')
    _add_run_options(interactive)
    interactive.set_defaults(timeout=math.inf)
    for name, text in (('fetch', 'download a kernel and print its directory'),
                       ('kernel-release', 'print the release that a kernel name stands for')):
        command = commands.add_parser(name, help=text)
        command.add_argument('--kernel', default='6.1-cloud', metavar='K')
    return top


def spec_of(options):
    """The Spec that the options of `run` and `shell` describe."""
    return Spec(script=options.script, next_script=options.next_script, name=options.name,
                machine=options.machine, cpus=options.cpus, cpu_model=options.cpu_model,
                without=options.without, strict_msrs=options.strict_msrs,
                memory=options.memory, kernel=options.kernel, append=options.append,
                timeout=options.timeout,
                files=[parse_file(text) for text in options.files], binaries=options.binaries,
                modules=options.modules, allow_dmesg=options.allow_dmesg,
                allow_emulator=options.allow_emulator, log_dir=options.log_dir)


def _report(result, name):
    """Say on stderr how the run went; a failure with the last lines of the console."""
    verdict = result.verdict
    if verdict.kind is Kind.script:
        print(f'{name}: script exited with {verdict.script_status} after {result.seconds:.1f} s',
              file=sys.stderr)
        return
    print(f'{name}: last lines of the console:', file=sys.stderr)
    for line in result.full_console.splitlines()[-_SHOWN_LINES:]:
        print(f'{name}: | {line}', file=sys.stderr)
    for reason in verdict.reasons:
        print(f'{name}: FAILED: {reason}', file=sys.stderr)
    print(f'{name}: exit status {result.status} ({verdict.kind.name}) after '
          f'{result.seconds:.1f} s', file=sys.stderr)


def _run(options):
    def show(text, phase):
        if phase is Phase.running or options.verbose:
            print(text, flush=True)

    result = boot(spec_of(options), show, options.quiet)
    if not options.quiet or result.verdict.kind is not Kind.script:
        _report(result, options.name)
    return result.status


def _shell(options):
    result = shell(spec_of(options), options.quiet)
    if result.verdict.kind is not Kind.script:
        _report(result, options.name)
    return result.status


def _fetch(options):
    print(debian.fetch(options.kernel, lambda text: print(text, file=sys.stderr)).directory)
    return 0


def _kernel_release(options):
    print(debian.resolve(options.kernel).release)
    return 0


_COMMANDS = {'run': _run, 'shell': _shell, 'fetch': _fetch, 'kernel-release': _kernel_release}


def _interrupted(number, _frame):
    print(f'\nlab: stopped by {signal.Signals(number).name}', file=sys.stderr)
    sys.exit(128 + number)


def main(arguments=None):
    """Run the launcher; returns its exit status."""
    signal.signal(signal.SIGTERM, _interrupted)
    signal.signal(signal.SIGINT, _interrupted)
    signal.signal(signal.SIGHUP, _interrupted)
    options = parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](options)
    except LeftLab:
        print('lab: stopped with Ctrl-]', file=sys.stderr)
        return _INTERRUPTED
    except LabError as error:
        print(f'lab: {error}', file=sys.stderr)
        return Kind.launcher.value
