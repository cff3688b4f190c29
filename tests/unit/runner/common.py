# SPDX-License-Identifier: GPL-2.0-only
"""Puts the runner into the path of its tests."""

import os
import sys

TESTS = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
sys.path.insert(0, TESTS)
