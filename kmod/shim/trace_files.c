// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs trace_on, stats_on, overwrite: 0 or 1; buffer_size_kb: of each CPU's
 * ring, rounded up to a power of two, as in tracefs.
 */
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/module.h>

#include <linux/rmvisor.h>

#include "filter_file.h"
#include "stats_file.h"
#include "trace_files.h"
#include "trace_pipe.h"
#include "trace_wait.h"
#include "watch.h"

#define RECORDS_PER_KB (1024 / sizeof(struct rmvisor_trace_record))

static int switch_get(void *which, u64 *value)
{
	*value = watch_get((unsigned long)which);
	return 0;
}

static int switch_set(void *which, u64 value)
{
	return value > 1 ? -EINVAL : watch_set((unsigned long)which, value);
}

DEFINE_DEBUGFS_ATTRIBUTE(switch_fops, switch_get, switch_set, "%llu\n");

static int size_get(void *unused, u64 *value)
{
	*value = watch_records() / RECORDS_PER_KB;
	return 0;
}

static int size_set(void *unused, u64 value)
{
	if (!value || value > TRACE_KB_MAX)
		return -EINVAL;
	value = max_t(u64, roundup_pow_of_two(value), TRACE_KB_MIN);
	return watch_resize(value * RECORDS_PER_KB);
}

DEFINE_DEBUGFS_ATTRIBUTE(size_fops, size_get, size_set, "%llu\n");

void trace_files_create(struct dentry *folder)
{
	static const struct {
		const char *name;
		enum watch_switch which;
	} switches[] = {
		{ "trace_on", WATCH_TRACE },
		{ "overwrite", WATCH_OVERWRITE },
		{ "stats_on", WATCH_STATS },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(switches); i++)
		debugfs_create_file_unsafe(switches[i].name, 0600, folder,
					   (void *)(unsigned long)switches[i].which, &switch_fops);
	debugfs_create_file_unsafe("buffer_size_kb", 0600, folder, NULL, &size_fops);
	debugfs_create_file("filter", 0600, folder, NULL, &filter_fops);
}

int trace_files_init(void)
{
	filter_init();
	return trace_pipe_init();
}

void trace_files_exit(void)
{
	trace_wait_exit();
	trace_pipe_exit();
	stats_exit();
}
