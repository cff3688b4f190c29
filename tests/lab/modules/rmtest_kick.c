// SPDX-License-Identifier: GPL-2.0-only
/*
 * "CPU" written to kick: the interrupt with which KVM makes a CPU leave its
 * guest, and nothing else. Read: the TSC just before it was sent. For the
 * benchmark, which has no other way to tell KVM's kick from what leads to it.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <asm/irq_vectors.h>
#include <asm/msr.h>

#include "ipi.h"
#include "rmtest.h"

static u64 sent;

static ssize_t kick_write(struct file *file, const char __user *buffer, size_t count, loff_t *offset)
{
	unsigned int cpu;
	int r = kstrtouint_from_user(buffer, count, 0, &cpu);

	if (r || cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;
	sent = rdtsc();
	ipi_send(cpu, RESCHEDULE_VECTOR);
	return count;
}

static int kick_show(struct seq_file *file, void *unused)
{
	seq_printf(file, "%llu\n", sent);
	return 0;
}

static int kick_open(struct inode *inode, struct file *file)
{
	return single_open(file, kick_show, NULL);
}

const struct file_operations kick_fops = {
	.owner = THIS_MODULE,
	.open = kick_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
	.write = kick_write,
};
