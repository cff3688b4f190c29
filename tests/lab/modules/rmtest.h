/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/fs.h>
#include <linux/seq_file.h>

/*
 * Each part is one file in debugfs rmtest/. A test is started by writing to it;
 * its result is read from it, or is the write's errno.
 */
extern const struct file_operations alloc_fops, init_fops, kick_fops, nmi_fops, smi_fops, state_fops,
	stray_fops, vmx_fops;

/* No allocation fails any more; the module may go. */
void alloc_stop(void);

/* Where a probed function goes on that shall not run (rmtest_alloc.c). */
void rmtest_return(void);
