// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs trace_pipe. All readers share one place in the stream; a reader keeps
 * only the rest of a line that did not fit into its buffer.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "trace_line.h"
#include "trace_merge.h"
#include "trace_pipe.h"
#include "trace_wait.h"

/* Under it the stream goes on. */
static DEFINE_MUTEX(pipe_mutex);
static struct merge *stream;

struct pipe_reader {
	struct mutex lock;
	size_t given;		/* bytes of line that the reader has got */
	struct trace_line line;
};

int trace_pipe_init(void)
{
	stream = merge_alloc();
	if (!stream)
		return -ENOMEM;
	merge_rewind(stream, true);
	return 0;
}

void trace_pipe_exit(void)
{
	kvfree(stream);
	stream = NULL;
}

void trace_clear(void)
{
	struct rm_cpu *c;
	unsigned int cpu;

	mutex_lock(&pipe_mutex);
	for_each_rm_cpu(c, cpu)
		ring_consume(c, ring_head(c));
	merge_rewind(stream, true);
	mutex_unlock(&pipe_mutex);
}

static bool has_more(void)
{
	bool more;

	mutex_lock(&pipe_mutex);
	more = merge_has_more(stream);
	mutex_unlock(&pipe_mutex);
	return more;
}

/* The next record of the stream becomes this reader's line. */
static bool next_line(struct pipe_reader *reader)
{
	const struct merge_source *source;
	struct rmvisor_trace_record record;
	bool found;

	mutex_lock(&pipe_mutex);
	found = merge_next(stream, &record, &source);
	if (found)
		ring_consume(source->cursor.cpu, merge_position(source));
	mutex_unlock(&pipe_mutex);
	if (!found)
		return false;
	trace_line_format(&reader->line, &record);
	reader->given = 0;
	return true;
}

/* As many bytes as there are; 0 if there are none. */
static ssize_t give(struct pipe_reader *reader, char __user *buffer, size_t room)
{
	ssize_t bytes = 0;

	while (room) {
		size_t part = min(room, reader->line.length - reader->given);

		if (!part) {
			if (signal_pending(current) || !next_line(reader))
				break;
			continue;
		}
		if (copy_to_user(buffer + bytes, reader->line.text + reader->given, part))
			return bytes ?: -EFAULT;
		reader->given += part;
		bytes += part;
		room -= part;
	}
	return bytes;
}

static int wait_for_more(struct file *file)
{
	int r = 0;

	if (file->f_flags & O_NONBLOCK)
		return -EAGAIN;
	while (!r && !has_more())
		r = trace_wait_look();
	return r;
}

static ssize_t pipe_read(struct file *file, char __user *buffer, size_t count, loff_t *position)
{
	struct pipe_reader *reader = file->private_data;
	ssize_t r = 0;

	if (!count)
		return 0;
	if (mutex_lock_interruptible(&reader->lock))
		return -ERESTARTSYS;
	do {
		r = give(reader, buffer, count);
		if (!r)
			r = wait_for_more(file);
	} while (!r);
	mutex_unlock(&reader->lock);
	return r;
}

static __poll_t pipe_poll(struct file *file, struct poll_table_struct *table)
{
	poll_wait(file, &trace_wait, table);
	trace_wait_arm();
	return has_more() ? EPOLLIN | EPOLLRDNORM : 0;
}

static int pipe_open(struct inode *inode, struct file *file)
{
	struct pipe_reader *reader = kzalloc(sizeof(*reader), GFP_KERNEL);

	if (!reader)
		return -ENOMEM;
	mutex_init(&reader->lock);
	file->private_data = reader;
	return nonseekable_open(inode, file);
}

static int pipe_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

const struct file_operations trace_pipe_fops = {
	.owner = THIS_MODULE,
	.open = pipe_open,
	.release = pipe_release,
	.read = pipe_read,
	.poll = pipe_poll,
};
