/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/fs.h>

/*
 * filter: an expression as in filter.h. A read gives the one in force, or
 * "none", and, after a write that was refused, why it was.
 */
extern const struct file_operations filter_fops;

void filter_init(void);
