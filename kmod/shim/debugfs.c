// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs rmvisor/: what the visor did, for people and tools.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "fault.h"
#include "rm_cpu.h"
#include "smm.h"
#include "stats_file.h"
#include "status_file.h"
#include "trace_files.h"
#include "trace_pipe.h"
#include "trace_raw.h"
#include "trace_text.h"
#include "vm_names.h"

static struct dentry *root;

DEFINE_SHOW_ATTRIBUTE(names_file);
DEFINE_SHOW_ATTRIBUTE(status_file);
DEFINE_SHOW_ATTRIBUTE(smm_file);

static void create_per_cpu(void)
{
	struct dentry *per_cpu = debugfs_create_dir("per_cpu", root);
	struct rm_cpu *c;
	unsigned int cpu;
	char name[16];

	for_each_rm_cpu(c, cpu) {
		struct dentry *directory;

		scnprintf(name, sizeof(name), "cpu%u", cpu);
		directory = debugfs_create_dir(name, per_cpu);
		/* Unsafe: else debugfs takes its mmap away. Open files keep the module, see main.c. */
		debugfs_create_file_unsafe("trace_raw", 0400, directory, c, &trace_raw_fops);
		debugfs_create_file("stats_raw", 0400, directory, c, &stats_raw_fops);
		fault_debugfs_cpu(directory, c);
	}
}

int rm_debugfs_init(void)
{
	/* Errors travel through debugfs's own calls, and missing files hurt nobody. */
	root = debugfs_create_dir("rmvisor", NULL);
	debugfs_create_file("trace", 0600, root, NULL, &trace_text_fops);
	debugfs_create_file("trace_pipe", 0400, root, NULL, &trace_pipe_fops);
	debugfs_create_file("stats", 0600, root, NULL, &stats_fops);
	debugfs_create_file("smm", 0400, root, NULL, &smm_file_fops);
	debugfs_create_file("names", 0400, root, NULL, &names_file_fops);
	debugfs_create_file("status", 0400, root, NULL, &status_file_fops);
	trace_files_create(root);
	create_per_cpu();
	fault_debugfs(root);
	return 0;
}

void rm_debugfs_exit(void)
{
	debugfs_remove_recursive(root);
}
