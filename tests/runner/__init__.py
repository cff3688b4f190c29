# SPDX-License-Identifier: GPL-2.0-only
"""The runner of `make test`: starts what proves something, and counts what it proved."""
