#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Boot a Debian kernel in an emulated machine and run a script in it; see README.md here."""

import sys

from rmlab.cli import main

if __name__ == '__main__':
    sys.exit(main())
