// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs stats and per_cpu/cpuN/stats_raw. Root only ever adds; starting anew
 * is remembering what was there.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "rm_cpu.h"
#include "stats_file.h"

#define ENTRIES (2 * RMVISOR_STATS_REASONS)
#define FIRST_BUCKET_END 64ULL

static DEFINE_MUTEX(stats_mutex);
/* By CPU; NULL before the first start anew. */
static struct rmvisor_stats **bases;

/* All numbers of the struct are 64-bit words behind its four 32-bit ones. */
static void subtract(struct rmvisor_stats *stats, const struct rmvisor_stats *base)
{
	u64 *to = (u64 *)stats->linux_exits;
	const u64 *from = (const u64 *)base->linux_exits;
	size_t i;

	BUILD_BUG_ON(sizeof(*stats) != 16 + ENTRIES * sizeof(struct rmvisor_stats_entry));
	for (i = 0; i < ENTRIES * sizeof(struct rmvisor_stats_entry) / sizeof(u64); i++)
		to[i] -= from[i];
}

/* Under stats_mutex. To be freed by kvfree(). */
static struct rmvisor_stats *read_stats(const struct rm_cpu *c)
{
	struct rmvisor_stats *stats = kvmalloc(sizeof(*stats), GFP_KERNEL);

	if (!stats)
		return NULL;
	*stats = *c->stats;
	if (bases && bases[c->number])
		subtract(stats, bases[c->number]);
	return stats;
}

static void show_histogram(struct seq_file *file, const struct rmvisor_stats_entry *entry)
{
	unsigned int b;

	for (b = 0; b < RMVISOR_STATS_BUCKETS; b++) {
		u64 end = FIRST_BUCKET_END << b;

		if (!entry->histogram[b])
			continue;
		if (b == RMVISOR_STATS_BUCKETS - 1)
			seq_printf(file, " >=%llu:%llu", end / 2, entry->histogram[b]);
		else
			seq_printf(file, " <%llu:%llu", end, entry->histogram[b]);
	}
}

static void show_latency(struct seq_file *file, const char *whose,
			 const struct rmvisor_stats_entry *entry)
{
	u64 measured = 0;
	unsigned int b;

	for (b = 0; b < RMVISOR_STATS_BUCKETS; b++)
		measured += entry->histogram[b];
	if (!measured)
		return;
	seq_printf(file, " | %s mean %llu", whose, entry->ticks / measured);
	show_histogram(file, entry);
}

static void show_cpu(struct seq_file *file, const struct rmvisor_stats *stats)
{
	unsigned int reason;

	for (reason = 0; reason < RMVISOR_STATS_REASONS; reason++) {
		const struct rmvisor_stats_entry *linux_exits = &stats->linux_exits[reason];
		const struct rmvisor_stats_entry *guest_exits = &stats->guest_exits[reason];

		if (!linux_exits->count && !guest_exits->count)
			continue;
		seq_printf(file, "%5u %6u %-28s %14llu %14llu", stats->cpu, reason,
			   visor_exit_reason_text(reason), linux_exits->count, guest_exits->count);
		show_latency(file, "linux", linux_exits);
		show_latency(file, "guest", guest_exits);
		seq_putc(file, '\n');
	}
}

static int stats_show(struct seq_file *file, void *unused)
{
	struct rm_cpu *c;
	unsigned int cpu;

	seq_puts(file, "# cpu reason name                                  linux          guest | whose, mean ticks, histogram <ticks:exits\n");
	mutex_lock(&stats_mutex);
	for_each_rm_cpu(c, cpu) {
		struct rmvisor_stats *stats = read_stats(c);

		if (stats)
			show_cpu(file, stats);
		kvfree(stats);
	}
	mutex_unlock(&stats_mutex);
	return 0;
}

static int stats_open(struct inode *inode, struct file *file)
{
	return single_open(file, stats_show, NULL);
}

/* Under stats_mutex. */
static int start_anew(void)
{
	struct rm_cpu *c;
	unsigned int cpu;

	if (!bases)
		bases = kcalloc(nr_cpu_ids, sizeof(*bases), GFP_KERNEL);
	if (!bases)
		return -ENOMEM;
	for_each_rm_cpu(c, cpu) {
		if (!bases[cpu])
			bases[cpu] = kvmalloc(sizeof(**bases), GFP_KERNEL);
		if (!bases[cpu])
			return -ENOMEM;
		*bases[cpu] = *c->stats;
	}
	return 0;
}

static ssize_t stats_write(struct file *file, const char __user *buffer, size_t count,
			   loff_t *position)
{
	int r;

	mutex_lock(&stats_mutex);
	r = start_anew();
	mutex_unlock(&stats_mutex);
	return r ?: count;
}

static int stats_raw_open(struct inode *inode, struct file *file)
{
	mutex_lock(&stats_mutex);
	file->private_data = read_stats(inode->i_private);
	mutex_unlock(&stats_mutex);
	return file->private_data ? 0 : -ENOMEM;
}

/* From offset 0 the numbers of now, then the rest of the same. */
static ssize_t stats_raw_read(struct file *file, char __user *buffer, size_t count,
			      loff_t *position)
{
	struct rmvisor_stats *fresh;
	ssize_t r;

	mutex_lock(&stats_mutex);
	if (*position == 0) {
		fresh = read_stats(file_inode(file)->i_private);
		if (fresh) {
			kvfree(file->private_data);
			file->private_data = fresh;
		}
	}
	r = simple_read_from_buffer(buffer, count, position, file->private_data, sizeof(*fresh));
	mutex_unlock(&stats_mutex);
	return r;
}

static int stats_raw_release(struct inode *inode, struct file *file)
{
	kvfree(file->private_data);
	return 0;
}

void stats_exit(void)
{
	unsigned int cpu;

	if (!bases)
		return;
	for_each_possible_cpu(cpu)
		kvfree(bases[cpu]);
	kfree(bases);
	bases = NULL;
}

const struct file_operations stats_fops = {
	.owner = THIS_MODULE,
	.open = stats_open,
	.read = seq_read,
	.write = stats_write,
	.llseek = seq_lseek,
	.release = single_release,
};

const struct file_operations stats_raw_fops = {
	.owner = THIS_MODULE,
	.open = stats_raw_open,
	.read = stats_raw_read,
	.llseek = default_llseek,
	.release = stats_raw_release,
};
