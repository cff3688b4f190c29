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
#include "status_file.h"
#include "trace_raw.h"
#include "trace_text.h"

static struct dentry *root;
static u64 trace_on = 1;

static int trace_on_get(void *unused, u64 *value)
{
	*value = trace_on;
	return 0;
}

static int trace_on_set(void *unused, u64 value)
{
	struct rm_cpu *c;
	unsigned int cpu;

	if (value > 1)
		return -EINVAL;
	trace_on = value;
	for_each_rm_cpu(c, cpu)
		WRITE_ONCE(c->public->trace_on, (u32)value);
	return 0;
}

DEFINE_SHOW_ATTRIBUTE(status_file);
DEFINE_SHOW_ATTRIBUTE(stats_file);
DEFINE_SHOW_ATTRIBUTE(smm_file);
DEFINE_DEBUGFS_ATTRIBUTE(trace_on_fops, trace_on_get, trace_on_set, "%llu\n");

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
		debugfs_create_file("trace_raw", 0400, directory, c, &trace_raw_fops);
	}
}

int rm_debugfs_init(void)
{
	trace_on = 1;
	/* Errors travel through debugfs's own calls, and missing files hurt nobody. */
	root = debugfs_create_dir("rmvisor", NULL);
	debugfs_create_file("trace", 0400, root, NULL, &trace_text_fops);
	debugfs_create_file_unsafe("trace_on", 0600, root, NULL, &trace_on_fops);
	debugfs_create_file("stats", 0400, root, NULL, &stats_file_fops);
	debugfs_create_file("smm", 0400, root, NULL, &smm_file_fops);
	debugfs_create_file("status", 0400, root, NULL, &status_file_fops);
	create_per_cpu();
	fault_debugfs(root);
	return 0;
}

void rm_debugfs_exit(void)
{
	debugfs_remove_recursive(root);
}
