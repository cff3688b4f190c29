/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/fs.h>

/*
 * trace_pipe: all CPUs' records as text, as they come. Reading takes them away:
 * each record goes to one reader.
 */
extern const struct file_operations trace_pipe_fops;

int trace_pipe_init(void);
void trace_pipe_exit(void);

/* Takes away all records that are there. */
void trace_clear(void);
