/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/fs.h>

/* stats: exits and ticks per CPU and reason, of Linux and of guests; writing starts them anew. */
extern const struct file_operations stats_fops;
/* stats_raw: struct rmvisor_stats of one CPU (i_private: struct rm_cpu). */
extern const struct file_operations stats_raw_fops;

void stats_exit(void);
