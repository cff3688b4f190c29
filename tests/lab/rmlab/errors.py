# SPDX-License-Identifier: GPL-2.0-only
"""The one exception with which the lab says that it could not start."""


class LabError(Exception):
    """What failed, why, and what to do, in one line; the launcher exits with 127."""
