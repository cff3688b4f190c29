// SPDX-License-Identifier: GPL-2.0-only
/*
 * "CPU" written to init: an INIT to that CPU, which Linux knows nothing of, as
 * firmware or another kernel would send it. "CPU COUNT": so many of them.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <asm/apicdef.h>

#include "ipi.h"
#include "rmtest.h"

#define INIT_COMMAND (APIC_DM_INIT | APIC_INT_ASSERT | APIC_INT_LEVELTRIG | APIC_DEST_PHYSICAL)

static ssize_t init_write(struct file *file, const char __user *buffer, size_t count, loff_t *offset)
{
	unsigned int cpu, times = 1;
	char text[24] = "";

	if (count >= sizeof(text) || copy_from_user(text, buffer, count))
		return -EINVAL;
	if (sscanf(text, "%u %u", &cpu, &times) < 1 || cpu >= nr_cpu_ids || !cpu_possible(cpu))
		return -EINVAL;
	while (times--) {
		ipi_send(cpu, INIT_COMMAND);
		usleep_range(500, 1000);
	}
	return count;
}

const struct file_operations init_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = init_write,
};
