/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * debugfs rmvisor/: the trace, the statistics, status; see docs/trace.md.
 * Without debugfs the module works all the same: init never fails.
 */
int rm_debugfs_init(void);
void rm_debugfs_exit(void);
