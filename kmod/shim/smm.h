/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/types.h>

struct seq_file;

/* One line in the kernel log: what system-management mode can do to a guest here. */
void smm_log(void);
/* MSR_SMI_COUNT is there and has counted something. */
bool smm_has_smi_count(void);
/* SMIs of an online CPU since it was reset; false where MSR_SMI_COUNT is not. May sleep. */
bool smm_read_smi_count(unsigned int cpu, u32 *count);
/* The same facts, one per line, for debugfs rmvisor/smm. */
int smm_file_show(struct seq_file *file, void *unused);
