/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/fs.h>

/* trace_raw: whole binary records of one CPU (i_private: struct rm_cpu), oldest first. */
extern const struct file_operations trace_raw_fops;
