// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs trace: the records of all CPUs up to the moment when the file was
 * opened. Nothing is taken away by reading; opening for writing with O_TRUNC,
 * as the shell's > does, empties the rings.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "trace_line.h"
#include "trace_merge.h"
#include "trace_pipe.h"
#include "trace_text.h"
#include "vm_names.h"

struct text {
	struct rmvisor_trace_record record;
	loff_t position;	/* of record; 0 is the header line */
	bool valid;
	struct merge *merge;
};

static void advance(struct text *t)
{
	t->position++;
	t->valid = merge_next(t->merge, &t->record, NULL);
}

static void rewind(struct text *t)
{
	t->position = 0;
	t->valid = true;
	merge_rewind(t->merge, false);
}

static void *text_start(struct seq_file *file, loff_t *position)
{
	struct text *t = file->private;

	if (*position == 0 || *position < t->position)
		rewind(t);
	while (t->valid && t->position < *position)
		advance(t);
	return t->valid ? t : NULL;
}

static void *text_next(struct seq_file *file, void *unused, loff_t *position)
{
	struct text *t = file->private;

	advance(t);
	*position = t->position;
	return t->valid ? t : NULL;
}

static void text_stop(struct seq_file *file, void *unused)
{
}

static int text_show(struct seq_file *file, void *unused)
{
	struct text *t = file->private;
	struct trace_line line;

	if (t->position == 0) {
		seq_puts(file, trace_line_header());
		rm_vm_names_show(file, "# ");
	} else {
		trace_line_format(&line, &t->record);
		seq_write(file, line.text, line.length);
	}
	return 0;
}

static const struct seq_operations text_ops = {
	.start = text_start,
	.next = text_next,
	.stop = text_stop,
	.show = text_show,
};

static int open_for_reading(struct inode *inode, struct file *file)
{
	struct text *t = __seq_open_private(file, &text_ops, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->merge = merge_alloc();
	if (!t->merge) {
		seq_release_private(inode, file);
		return -ENOMEM;
	}
	rewind(t);
	return 0;
}

static int text_open(struct inode *inode, struct file *file)
{
	if ((file->f_mode & FMODE_WRITE) && (file->f_flags & O_TRUNC))
		trace_clear();
	return file->f_mode & FMODE_READ ? open_for_reading(inode, file) : 0;
}

static ssize_t text_write(struct file *file, const char __user *buffer, size_t count,
			  loff_t *position)
{
	return count;
}

static loff_t text_llseek(struct file *file, loff_t offset, int whence)
{
	return file->f_mode & FMODE_READ ? seq_lseek(file, offset, whence) : 0;
}

static int text_release(struct inode *inode, struct file *file)
{
	struct text *t;

	if (!(file->f_mode & FMODE_READ))
		return 0;
	t = ((struct seq_file *)file->private_data)->private;
	kvfree(t->merge);
	return seq_release_private(inode, file);
}

const struct file_operations trace_text_fops = {
	.owner = THIS_MODULE,
	.open = text_open,
	.read = seq_read,
	.write = text_write,
	.llseek = text_llseek,
	.release = text_release,
};
