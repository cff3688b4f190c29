# SPDX-License-Identifier: GPL-2.0-only
"""The benchmark's scripts on the machine that runs this, instead of in the lab: the same files,
linked into one folder."""

import os
import re
import subprocess
import sys


def _read(path):
    try:
        with open(path, encoding='utf-8') as file:
            return file.read()
    except OSError:
        return ''


def model():
    """The CPU's name."""
    found = re.search(r'^model name\s*: (.*)$', _read('/proc/cpuinfo'), re.MULTILINE)
    return found.group(1) if found else 'unknown CPU'


def _wrong_count(wanted, exactly):
    count = len(os.sched_getaffinity(0))
    if count == wanted or (count > wanted and not exactly):
        return []
    word = 'exactly' if exactly else 'at least'
    return [f'{count} CPUs are online and allowed, {word} {wanted} are needed: '
            f'boot with maxcpus={wanted}']


def refusals(files, cpus, exactly):
    """Why it can't run here, with the cure; nothing if it can."""
    reasons = [] if os.geteuid() == 0 else ['it loads modules: run it as root']
    if not re.search(r'^flags\s*:.*\bvmx\b', _read('/proc/cpuinfo'), re.MULTILINE):
        reasons.append('the CPU has no VMX, or the firmware has switched it off')
    reasons += _wrong_count(cpus, exactly)
    reasons += [f'{file.source} is not there: make bench-here builds it'
                for file in files if not os.path.exists(file.source)]
    reasons += [f'the module {name} is loaded: rmmod {name}'
                for name in ('rmvisor', 'rmtest', 'kvm_intel', 'kvm')
                if os.path.isdir(f'/sys/module/{name}/sections')]
    return reasons


def _link(folder, files):
    os.makedirs(folder, exist_ok=True)
    for file in files:
        link = os.path.join(folder, os.path.basename(file.target))
        if os.path.lexists(link):
            os.remove(link)
        os.symlink(os.path.abspath(file.source), link)


def run(script, files, folder, take):
    """The script's exit status; every line that it prints is handed to `take`, as boot() does."""
    _link(folder, files)
    with subprocess.Popen(['sh', script], env={**os.environ, 'bench_files': folder},
                          stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            sys.stderr.write(line)
            take(line, None)
    return process.returncode
