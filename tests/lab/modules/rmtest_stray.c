// SPDX-License-Identifier: GPL-2.0-only
/*
 * "ADDRESS" written to stray: reads 8 bytes at that physical address, writes
 * them back inverted, and looks again. The write must fail and change nothing:
 * then the result is EPERM. 0 means that the memory could be written (it is put
 * back). Reading shows what was there.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <asm/asm.h>

#include "rmtest.h"

static u64 last_seen;

static bool try_write(u64 *address, u64 value)
{
	unsigned long done = 1;

	/* EX_TYPE_DEFAULT: copy_to_kernel_nofault() would warn about #GP. */
	asm volatile("1: mov %2, %0\n"
		     "jmp 3f\n"
		     "2: xor %k1, %k1\n"
		     "3:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : "+m" (*address), "+r" (done)
		     : "r" (value));
	return done;
}

static int stray(u64 phys)
{
	struct page *page = pfn_to_page(PHYS_PFN(phys));
	u64 *mapped, before;
	void *window;
	int r = -EPERM;

	/* A mapping of our own: Linux maps text and read-only data read-only itself. */
	window = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	if (!window)
		return -ENOMEM;
	mapped = window + offset_in_page(phys);
	before = READ_ONCE(*mapped);
	last_seen = before;
	if (try_write(mapped, ~before)) {
		try_write(mapped, before);
		r = 0;
	} else if (READ_ONCE(*mapped) != before) {
		r = -EIO;
	}
	vunmap(window);
	return r;
}

static ssize_t stray_write(struct file *file, const char __user *buffer, size_t count, loff_t *offset)
{
	u64 phys;
	int r = kstrtou64_from_user(buffer, count, 16, &phys);

	if (!r && !pfn_valid(PHYS_PFN(phys)))
		r = -EFAULT;
	if (!r)
		r = stray(phys & ~7ULL);
	return r ? r : count;
}

static int stray_show(struct seq_file *file, void *unused)
{
	seq_printf(file, "%llx\n", last_seen);
	return 0;
}

static int stray_open(struct inode *inode, struct file *file)
{
	return single_open(file, stray_show, NULL);
}

const struct file_operations stray_fops = {
	.owner = THIS_MODULE,
	.open = stray_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
	.write = stray_write,
};
