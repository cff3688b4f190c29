/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

struct seq_file;

/* One line in the kernel log: what system-management mode can do to a guest here. */
void smm_log(void);
/* The same facts, one per line, for debugfs rmvisor/smm. */
int smm_file_show(struct seq_file *file, void *unused);
