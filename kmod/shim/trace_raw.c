// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs per_cpu/cpuN/trace_raw. Each open has a cursor of its own; a read
 * gives what is there and 0 at the end, so reading again later goes on. A mapping
 * shows the ring itself, as it is when mmap is called.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#include "ring.h"
#include "trace_raw.h"
#include "trace_wait.h"

#define CHUNK_RECORDS 64

struct raw_reader {
	struct mutex lock;
	struct ring_cursor cursor;
	struct rmvisor_trace_record chunk[CHUNK_RECORDS];
};

static int raw_open(struct inode *inode, struct file *file)
{
	struct raw_reader *reader = kzalloc(sizeof(*reader), GFP_KERNEL);

	if (!reader)
		return -ENOMEM;
	mutex_init(&reader->lock);
	ring_begin(&reader->cursor, inode->i_private);
	file->private_data = reader;
	return nonseekable_open(inode, file);
}

static int raw_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

/* Reads and copies one chunk; the cursor moves only over what the caller got. */
static ssize_t read_chunk(struct raw_reader *reader, char __user *buffer, size_t room)
{
	struct ring_cursor before = reader->cursor;
	size_t records = min_t(size_t, room / sizeof(reader->chunk[0]), CHUNK_RECORDS);
	size_t bytes;

	bytes = ring_read(&reader->cursor, reader->chunk, records, U64_MAX) *
		sizeof(reader->chunk[0]);
	if (copy_to_user(buffer, reader->chunk, bytes)) {
		reader->cursor = before;
		return -EFAULT;
	}
	return bytes;
}

static ssize_t raw_read(struct file *file, char __user *buffer, size_t count, loff_t *position)
{
	struct raw_reader *reader = file->private_data;
	ssize_t bytes = 0, r = 0;

	/* A LOST record and the record after it need two places. */
	if (count < 2 * sizeof(reader->chunk[0]))
		return -EINVAL;
	if (mutex_lock_interruptible(&reader->lock))
		return -EINTR;
	do {
		r = read_chunk(reader, buffer + bytes, count - bytes);
		if (r > 0)
			bytes += r;
	} while (r > 0 && !signal_pending(current));
	mutex_unlock(&reader->lock);
	return bytes ?: r;
}

static __poll_t raw_poll(struct file *file, struct poll_table_struct *table)
{
	struct raw_reader *reader = file->private_data;
	bool more;

	poll_wait(file, &trace_wait, table);
	trace_wait_arm();
	mutex_lock(&reader->lock);
	more = reader->cursor.next < ring_head(reader->cursor.cpu);
	mutex_unlock(&reader->lock);
	return more ? EPOLLIN | EPOLLRDNORM : 0;
}

static int insert_pages(struct vm_area_struct *vma, const struct rm_ring *ring)
{
	unsigned long bytes = vma->vm_end - vma->vm_start, offset;
	int r = 0;

	if (bytes > ring->bytes)
		return -EINVAL;
	for (offset = 0; !r && offset < bytes; offset += PAGE_SIZE)
		r = vm_insert_page(vma, vma->vm_start + offset, rm_ring_page(ring, offset));
	return r;
}

/*
 * For good: mprotect() can't make it writable or executable, and what is forced by
 * ptrace neither.
 */
static void allow_reading_only(struct vm_area_struct *vma)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP, VM_MAYWRITE | VM_MAYEXEC);
#else
	vma->vm_flags |= VM_DONTEXPAND | VM_DONTDUMP;
	vma->vm_flags &= ~(VM_MAYWRITE | VM_MAYEXEC);
#endif
}

static int raw_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct raw_reader *reader = file->private_data;
	int r;

	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EPERM;
	if (vma->vm_pgoff)
		return -EINVAL;
	allow_reading_only(vma);
	down_read(&rm_ring_lock);
	r = insert_pages(vma, reader->cursor.cpu->ring);
	up_read(&rm_ring_lock);
	return r;
}

const struct file_operations trace_raw_fops = {
	.owner = THIS_MODULE,
	.open = raw_open,
	.release = raw_release,
	.read = raw_read,
	.poll = raw_poll,
	.mmap = raw_mmap,
};
