/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/fs.h>

/* trace: all CPUs' records as text, merged by time. */
extern const struct file_operations trace_text_fops;
