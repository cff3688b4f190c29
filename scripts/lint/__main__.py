# SPDX-License-Identifier: GPL-2.0-only
"""python3 scripts/lint [--fast] [CHECK...]: the static checks, as TAP.

--fast: those that take seconds, which `make test` runs; without it all. A tool that is not here
fails its check, by the name of its package.
"""

import argparse
import os
import sys
import time

if __package__ in (None, ''):
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    __package__ = 'lint'  # noqa: A001  (so that the folder can be run by its name)

from lint import layering, sizes, text, tools  # noqa: E402

FAST = {
    'layering': layering.check,
    'sizes': sizes.check,
    'text': text.check,
    'format': tools.clang_format,
    'shellcheck': tools.shellcheck,
}
SLOW = {
    'checkpatch': tools.checkpatch,
    'cppcheck': tools.cppcheck,
    'sparse': tools.sparse,
    'clang-tidy': tools.clang_tidy,
}


def run(names):
    """Prints TAP; returns whether all is well."""
    checks = {**FAST, **SLOW}
    good = True
    print(f'1..{len(names)}', flush=True)
    for number, name in enumerate(names, 1):
        started = time.monotonic()
        try:
            found = checks[name]()
        except tools.Missing as missing:
            found = [str(missing)]
        for line in found:
            print(f'# {line}')
        good = good and not found
        print(f"{'not ' if found else ''}ok {number} - {name} "
              f'({time.monotonic() - started:.0f} s)', flush=True)
    return good


def main(arguments):
    parser = argparse.ArgumentParser(prog='scripts/lint', description='The static checks, as TAP.')
    parser.add_argument('checks', nargs='*', metavar='CHECK',
                        help=f"some of {', '.join([*FAST, *SLOW])}; without one all")
    parser.add_argument('--fast', action='store_true', help='those that take seconds')
    options = parser.parse_args(arguments)
    unknown = set(options.checks) - {*FAST, *SLOW}
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: no check of that name; there are "
                     f"{', '.join([*FAST, *SLOW])}")
    good = run(options.checks or [*FAST, *([] if options.fast else SLOW)])
    if not options.fast and not options.checks:
        print('\n'.join(f'# {line}' for line in sizes.report()))
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
