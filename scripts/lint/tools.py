# SPDX-License-Identifier: GPL-2.0-only
"""The checks that other people's programs make, each with what it is told to leave out and why."""

import glob
import os
import shutil
import subprocess
import tarfile

from . import source, tidy


class Missing(Exception):
    """A tool is not here; the text says which package has it."""


def _tool(name, package=None):
    if shutil.which(name) is None:
        raise Missing(f'{name} not found: apt-get install {package or name}')
    return name


def _run(*command):
    """What it printed, if it found something."""
    done = subprocess.run(command, cwd=source.TOP, text=True, capture_output=True, check=False)
    return [line for line in (done.stdout + done.stderr).splitlines() if line.strip()], done


def clang_format():
    """`make format` puts right what this finds."""
    lines, done = _run(_tool('clang-format'), '--dry-run', '-Werror', *source.cxx())
    return [line for line in lines if ': error:' in line] if done.returncode else []


def shellcheck():
    # 2034, 2154: a case and the files that it sources share variables.
    return _run(_tool('shellcheck'), '-x', '-P', 'tests/lab/cases', '-s', 'sh', '-S', 'warning',
                '-f', 'gcc', '-e', 'SC2034,SC2154', *source.shell())[0]


_CPPCHECK_LEFT_OUT = (
    'missingInclude', 'missingIncludeSystem',  # the kernel's and the libraries'
    'unknownMacro:kmod/shim/*',                # for_each_*
    'arithOperationsOnVoidPointer:kmod/shim/*',  # GNU C, as all of the kernel
    'syntaxError:kmod/vmx/entry_check/rule.hpp',  # a template lambda: not known to cppcheck 2.10
    'cppcheckError:user/*',                    # its own error on literals of <chrono> (20s)
    # Registers by number out of a struct; placement new; a table of names.
    'arrayIndexOutOfBounds:kmod/exit/context.hpp', 'objectIndex:kmod/exit/context.hpp',
    'legacyUninitvar:kmod/ept/guest_memory.cpp',
    'CastIntegerToAddressAtReturn:kmod/exit/reason.hpp',
)


def cppcheck():
    left_out = [f'--suppress={one}' for one in _CPPCHECK_LEFT_OUT]
    return _run(_tool('cppcheck'), '-q', '--std=c++20', '--language=c++', '--inline-suppr',
                '--enable=warning,performance,portability', '--template=gcc', *left_out, '-Ikmod',
                '-Iinclude/uapi', 'kmod', 'user', 'tests/unit/fake')[0]


# ---- the shim, by the kernel's own means ---------------------------------------------

_CHECKPATCH_LEFT_OUT = (
    'NEW_TYPEDEFS',          # the border's types are for two languages
    'COMPLEX_MACRO', 'ASSIGN_IN_IF',  # for_each_rm_cpu, an iterator
    'CONSTANT_COMPARISON',   # takes every capital name for the side that should be right
    'TRAILING_SEMICOLON',    # lists of names for tracepoints, as the kernel's own
    'LINUX_VERSION_CODE',    # one source for several of Debian's kernels
    'MSLEEP',                # the tests' short waits may be longer
    'PREFER_DEFINED_ATTRIBUTE_MACRO',  # the border is not the kernel's alone
)


def _checkpatch():
    """The kernel's checkpatch.pl: from a kernel tree that is here, or from its source package."""
    for kernel in glob.glob('/lib/modules/*/build/scripts/checkpatch.pl'):
        return kernel
    kept = os.path.join(source.TOP, 'build', 'lint', 'checkpatch.pl')
    archives = sorted(glob.glob('/usr/src/linux-source-6.*.tar.xz'))
    if not os.path.exists(kept):
        if not archives:
            raise Missing('checkpatch.pl not found: apt-get install linux-source-6.1')
        os.makedirs(os.path.dirname(kept), exist_ok=True)
        name = os.path.basename(archives[0])[:-len('.tar.xz')]
        with tarfile.open(archives[0], 'r|xz') as archive:
            for member in archive:
                if member.name == f'{name}/scripts/checkpatch.pl':
                    with open(kept, 'wb') as file:
                        shutil.copyfileobj(archive.extractfile(member), file)
                    break
    return kept


def checkpatch():
    lines = _run('perl', _checkpatch(), '--no-tree', '--no-summary', '--terse', '--show-types',
                 '--max-line-length=100', '--ignore', ','.join(_CHECKPATCH_LEFT_OUT), '-f',
                 *source.files('kmod/shim/*.[ch]', 'kmod/*abi*.h', 'include/uapi/linux/*.h',
                               'tests/lab/modules/rmtest*.[ch]'))[0]
    return [line for line in lines if ': WARNING' in line or ': ERROR' in line]


def sparse():
    """In a build of the module beside the others, by the kernel's own C=2."""
    _tool('sparse')
    lines, done = _run('make', 'module', f"BUILD={os.path.join(source.TOP, 'build', 'lint')}",
                       'C=2')
    if done.returncode:
        return lines[-10:]
    return [line for line in lines if 'kmod/shim' in line and
            (': warning:' in line or ': error:' in line)]


# ---- clang-tidy ------------------------------------------------------------------------

def clang_tidy():
    _tool('clang-tidy')
    return tidy.findings()
