/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/seq_file.h>

/* status: a line per CPU, and one on its fault if there was one. */
int status_file_show(struct seq_file *file, void *unused);
