/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * debugfs: the files that say what is recorded, and what all the trace's files need.
 */
#pragma once

#include <linux/fs.h>

/* Of one CPU's ring, powers of two. */
#define TRACE_KB_MIN 4u
#define TRACE_KB_MAX 4096u

int trace_files_init(void);
void trace_files_exit(void);

/* trace_on, overwrite, filter, buffer_size_kb, stats_on: in this folder. */
void trace_files_create(struct dentry *folder);
