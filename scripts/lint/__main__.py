# SPDX-License-Identifier: GPL-2.0-only
"""python3 scripts/lint [--fast] [CHECK...]: the static checks, as TAP.

--fast: those that take seconds, which `make test` runs; without it all. A tool that is not here
fails its check, by the name of its package.
"""

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
    fast = '--fast' in arguments
    names = [one for one in arguments if not one.startswith('-')]
    unknown = [one for one in names if one not in {**FAST, **SLOW}]
    if unknown:
        print(f"{', '.join(unknown)}: no check of that name; there are "
              f"{', '.join([*FAST, *SLOW])}", file=sys.stderr)
        return 2
    good = run(names or [*FAST, *([] if fast else SLOW)])
    if not fast and not names:
        print('\n'.join(f'# {line}' for line in sizes.report()))
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
