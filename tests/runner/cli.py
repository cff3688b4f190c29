# SPDX-License-Identifier: GPL-2.0-only
"""The command line of tests/run."""

import argparse
import fnmatch
import os
import sys
import time

from . import catalogue, summary
from .build_jobs import build_jobs
from .context import CASES, TOP, Context, debian
from .host_jobs import HostJob
from .lab_jobs import lab_jobs
from .lint_jobs import LintJob
from .reporter import Reporter
from .schedule import Schedule
from .skip_jobs import kernel_is_kept, left_out
from .tool_jobs import ToolJob
from .unit_jobs import LauncherJob, UnitJob, suite_names

_TIERS = ('lint', 'unit', 'build', 'lab', 'host')


def _parser():
    parser = argparse.ArgumentParser(prog='tests/run', description='Every test of rmvisor.')
    add = parser.add_argument
    add('--build', default=os.path.join(TOP, 'build'), metavar='DIR', help='default: build')
    add('--tier', action='append', choices=_TIERS, help='only these; may be repeated')
    add('--case', action='append', metavar='NAME', help='only these, by name or pattern')
    add('--soak', action='store_true', help='the long variants of the lab cases too')
    add('--jobs', type=int, default=os.cpu_count() or 2, metavar='N', help='side by side')
    add('--list', action='store_true', help='print the names of the cases')
    return parser


def _release_of(kernel, known={}):  # pylint: disable=dangerous-default-value
    """The release of a kernel's short name; asked for once."""
    if kernel not in known:
        known[kernel] = debian.resolve(kernel).release
    return known[kernel]


def _wanted(job, options):
    if options.tier and job.tier not in options.tier:
        return False
    return not options.case or any(fnmatch.fnmatchcase(name, pattern) for name in job.names
                                   for pattern in options.case)


def _chosen_cases(options):
    """The catalogue's cases; by name every one of them, else by tier."""
    cases = catalogue.load(os.path.join(CASES, 'cases.toml'))
    if options.case:
        named = [case for case in cases if any(fnmatch.fnmatchcase(case.name, pattern)
                                               for pattern in options.case)]
        # The name of a boot stands for all cases in it.
        boots = [job for job in lab_jobs(_of_lab(cases), _release_of) if any(
            fnmatch.fnmatchcase(job.name, pattern) for pattern in options.case)]
        names = {name for job in boots for name in job.names} | {case.name for case in named}
        return [case for case in cases if case.name in names]
    return [case for case in cases if case.tier == 'quick' or options.soak or
            (case.tier == 'kept' and kernel_is_kept(case))]


def _left_out(options, chosen):
    """Those that were asked for by nobody's name."""
    if options.case:
        return []
    return left_out(catalogue.load(os.path.join(CASES, 'cases.toml')), chosen)


def _of_lab(cases):
    return [case for case in cases if case.machine != 'host']


def _suites(options):
    return [suite for suite in suite_names() if not options.case or any(
        fnmatch.fnmatchcase(f'unit-{suite}', pattern) for pattern in options.case)]


def _needed(tests, builds):
    """The names of what `tests` wait for, and of what that waits for."""
    needed = {name for job in tests for name in job.after}
    return needed | {name for job in builds if job.name in needed for name in job.after}


def select(options, context):
    """(first, then): the jobs that use the whole machine, and those that run side by side."""
    cases = _chosen_cases(options)
    suites = _suites(options)
    first = [UnitJob(suites)] if suites else []
    tests = [*lab_jobs(_of_lab(cases), _release_of), *_left_out(options, cases),
             *(HostJob(case) for case in cases if case.machine == 'host'), LauncherJob(),
             LintJob(), ToolJob()]
    first = [job for job in first if _wanted(job, options)]
    tests = [job for job in tests if _wanted(job, options)]
    builds = build_jobs(context, _release_of)
    needed = _needed(tests, builds)
    builds = [job for job in builds
              if job.name in needed or (_wanted(job, options) and
                                        (options.case or not job.only_if_needed))]
    # What others wait for comes first.
    builds.sort(key=lambda job: job.name not in needed)
    urgent = [job for job in builds if job.name in needed]
    return first, [*urgent, *tests, *(job for job in builds if job not in urgent)]


def _list(options, context):
    first, then = select(options, context)
    for job in [*first, *then]:
        for name in job.names:
            print(f'{job.tier:<6} {name}')
    return 0


def _run(options, context, reporter):
    first, then = select(options, context)
    if not first and not then:
        print('no case of that name; tests/run --list shows them', file=sys.stderr)
        return False
    for jobs, width in ((first, 1), (then, options.jobs)):
        schedule = Schedule(jobs, context, reporter)
        try:
            schedule.run(width)
        except KeyboardInterrupt:
            schedule.stop()
            print('interrupted', file=sys.stderr)
            return False
    return True


def _absolute(folder):
    return os.path.realpath(folder)


def main(arguments=None):
    """Run the tests; returns the exit status."""
    options = _parser().parse_args(arguments)
    # A single case is for somebody who works on it: no module is built from nothing for that.
    context = Context(_absolute(options.build), clean=not options.case)
    try:
        if options.list:
            return _list(options, context)
        os.makedirs(context.logs, exist_ok=True)
        reporter, started = Reporter(), time.monotonic()
        complete = _run(options, context, reporter)
    except catalogue.CatalogueError as error:
        print(f'cases.toml: {error}', file=sys.stderr)
        return 2
    results = reporter.results
    summary.write(os.path.join(context.build, 'test-results.json'), results,
                  time.monotonic() - started)
    counts = summary.count(results)
    cpu = sum(result.cpu_seconds for result in results)
    print(f'\n{time.monotonic() - started:.0f} s, {cpu:.0f} s of CPU time; details: '
          f"{os.path.relpath(os.path.join(context.build, 'test-results.json'))}")
    print(counts.line(), flush=True)
    return counts.exit_status() if complete else 1
