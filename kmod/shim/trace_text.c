// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs trace: the records of all CPUs, merged by time stamp, up to the
 * moment when the file was opened. One cursor and one small buffer per CPU;
 * each step takes the oldest of the buffers' first records.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "ring.h"
#include "trace_line.h"
#include "trace_text.h"

#define AHEAD 16

struct source {
	struct ring_cursor cursor;
	u64 end;
	unsigned int first, count;
	struct rmvisor_trace_record ahead[AHEAD];
};

struct merge {
	struct rmvisor_trace_record current_record;
	loff_t position;	/* of current_record; 0 is the header line */
	bool valid;
	unsigned int sources;
	struct source source[];
};

static bool refill(struct source *s)
{
	if (s->first < s->count)
		return true;
	s->first = 0;
	s->count = ring_read(&s->cursor, s->ahead, AHEAD, s->end);
	return s->count > 0;
}

static void advance(struct merge *m)
{
	struct source *oldest = NULL;
	unsigned int i;

	for (i = 0; i < m->sources; i++) {
		struct source *s = &m->source[i];

		if (refill(s) && (!oldest || s->ahead[s->first].tsc <
					     oldest->ahead[oldest->first].tsc))
			oldest = s;
	}
	m->position++;
	m->valid = oldest;
	if (oldest)
		m->current_record = oldest->ahead[oldest->first++];
}

static void rewind(struct merge *m)
{
	struct rm_cpu *c;
	unsigned int cpu;

	m->position = 0;
	m->valid = true;
	m->sources = 0;
	for_each_rm_cpu(c, cpu) {
		struct source *s = &m->source[m->sources++];

		ring_begin(&s->cursor, c);
		/* records below the head are complete */
		s->end = smp_load_acquire(&c->public->trace_head);
		s->first = s->count = 0;
	}
}

static void *text_start(struct seq_file *file, loff_t *position)
{
	struct merge *m = file->private;

	if (*position == 0 || *position < m->position)
		rewind(m);
	while (m->valid && m->position < *position)
		advance(m);
	return m->valid ? m : NULL;
}

static void *text_next(struct seq_file *file, void *unused, loff_t *position)
{
	struct merge *m = file->private;

	advance(m);
	*position = m->position;
	return m->valid ? m : NULL;
}

static void text_stop(struct seq_file *file, void *unused)
{
}

static int text_show(struct seq_file *file, void *unused)
{
	struct merge *m = file->private;

	if (m->position == 0)
		trace_line_header(file);
	else
		trace_line_print(file, &m->current_record);
	return 0;
}

static const struct seq_operations text_ops = {
	.start = text_start,
	.next = text_next,
	.stop = text_stop,
	.show = text_show,
};

static int text_open(struct inode *inode, struct file *file)
{
	struct merge *m;
	int r;

	m = kvzalloc(struct_size(m, source, num_possible_cpus()), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	rewind(m);
	r = seq_open(file, &text_ops);
	if (r) {
		kvfree(m);
		return r;
	}
	((struct seq_file *)file->private_data)->private = m;
	return 0;
}

static int text_release(struct inode *inode, struct file *file)
{
	kvfree(((struct seq_file *)file->private_data)->private);
	return seq_release(inode, file);
}

const struct file_operations trace_text_fops = {
	.owner = THIS_MODULE,
	.open = text_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = text_release,
};
