# SPDX-License-Identifier: GPL-2.0-only
"""The Test Anything Protocol, read strictly: what is not there has failed."""

import re
from dataclasses import dataclass, field
from typing import List, Optional

_PLAN = re.compile(r'1\.\.(\d+)\s*(?:#\s*skip\b\s*(.*))?$', re.IGNORECASE)
_POINT = re.compile(r'(ok|not ok)\b\s*(\d+)?\s*(?:- )?(.*)$')
_DIRECTIVE = re.compile(r'^(.*?)\s*#\s*(skip|todo)\b\S*\s*(.*)$', re.IGNORECASE)
_BAIL_OUT = re.compile(r'Bail out!\s*(.*)$')


@dataclass
class Point:
    """One test: `skipped` is the reason, or None when it ran."""
    number: int
    name: str
    passed: bool
    skipped: Optional[str] = None
    notes: List[str] = field(default_factory=list)


@dataclass
class Report:
    """What a program said; `problems` says why it can't be believed."""
    points: List[Point] = field(default_factory=list)
    planned: Optional[int] = None
    problems: List[str] = field(default_factory=list)
    skipped_all: Optional[str] = None


def _point(match, expected):
    name, skipped, passed = match.group(3).strip(), None, match.group(1) == 'ok'
    directive = _DIRECTIVE.match(name)
    if directive:
        name = directive.group(1)
        if directive.group(2).lower() == 'skip':
            skipped = directive.group(3).strip()
    return Point(int(match.group(2) or expected), name, passed, skipped)


def _take_plan(report, match):
    if report.planned is not None:
        report.problems.append('a second plan')
    report.planned = int(match.group(1))
    if match.group(2) is not None and report.planned == 0:
        report.skipped_all = match.group(2).strip()


def _take_line(report, line):
    plan, point = _PLAN.match(line), _POINT.match(line)
    bail_out = _BAIL_OUT.match(line)
    if plan:
        _take_plan(report, plan)
    elif point:
        expected = len(report.points) + 1
        report.points.append(_point(point, expected))
        if report.points[-1].number != expected:
            report.problems.append(f'test {report.points[-1].number} where {expected} was due')
    elif bail_out:
        report.problems.append(f'gave up: {bail_out.group(1) or "no reason given"}')
    elif line.startswith('#') and report.points:
        report.points[-1].notes.append(line[1:].strip())


def _check(report):
    """A todo that fails has failed: nothing here is known to be broken and left so."""
    problems, found = report.problems, len(report.points)
    if report.planned is None:
        problems.append('no plan')
    elif report.planned != found:
        problems.append(f'{report.planned} tests planned, {found} ran')
    if found == 0 and report.skipped_all is None:
        problems.append('no test ran')
    if report.skipped_all == '' or any(point.skipped == '' for point in report.points):
        problems.append('skipped without a reason')


def parse(lines):
    """The Report of what a program printed; lines that are no TAP are passed over."""
    report = Report()
    for line in lines:
        _take_line(report, line.rstrip())
    _check(report)
    return report
