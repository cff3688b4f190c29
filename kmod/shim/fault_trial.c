// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs per_cpu/cpuN/entry_trial: a struct visor_trial written to it changes
 * the VMCS of that CPU's guest for its next entry; read, it tells what came of it.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fault.h"

static int arm(struct rm_cpu *c, struct visor_trial *trial)
{
	struct visor_trial *shared = &c->public->trial;
	int r = -EBUSY;

	if (trial->count > VISOR_TRIAL_FIELDS)
		return -EINVAL;
	trial->state = VISOR_TRIAL_NONE;
	mutex_lock(&c->mailbox);
	if (rm_cpu_state(c) == VISOR_CPU_PARKED) {
		*shared = *trial;
		/* The visor looks at nothing before it sees this. */
		smp_store_release(&shared->state, VISOR_TRIAL_ARMED);
		r = 0;
	}
	mutex_unlock(&c->mailbox);
	return r;
}

static ssize_t trial_write(struct file *file, const char __user *buffer, size_t count,
			   loff_t *offset)
{
	struct visor_trial *trial;
	int r;

	if (count != sizeof(*trial))
		return -EINVAL;
	trial = memdup_user(buffer, count);
	if (IS_ERR(trial))
		return PTR_ERR(trial);
	r = arm(file->private_data, trial);
	kfree(trial);
	return r ? r : count;
}

static ssize_t trial_read(struct file *file, char __user *buffer, size_t count, loff_t *offset)
{
	struct rm_cpu *c = file->private_data;

	return simple_read_from_buffer(buffer, count, offset, &c->public->trial,
				       sizeof(c->public->trial));
}

static const struct file_operations trial_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = trial_read,
	.write = trial_write,
};

void fault_debugfs_cpu(struct dentry *directory, struct rm_cpu *c)
{
	debugfs_create_file("entry_trial", 0600, directory, c, &trial_fops);
}
