// SPDX-License-Identifier: GPL-2.0-only
/*
 * A leak at each load, in builds for tests: without it nobody could tell whether
 * the test that looks for leaks would see one.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "fault.h"

static char *leak[4];
static int leaks;
module_param_array(leak, charp, &leaks, 0444);
MODULE_PARM_DESC(leak, "what to forget at load: page, area, or the size of an object in bytes; up to 4");

static int forget(const char *what)
{
	unsigned int size;
	void *lost;

	if (!strcmp(what, "page"))
		lost = (void *)__get_free_page(GFP_KERNEL);
	else if (!strcmp(what, "area"))
		lost = vmalloc(PAGE_SIZE);
	else if (!kstrtouint(what, 10, &size) && size && size <= PAGE_SIZE)
		lost = kmalloc(size, GFP_KERNEL);
	else
		return -EINVAL;
	return lost ? 0 : -ENOMEM;
}

/* Nobody keeps the addresses: kmemleak has to find them too. */
int fault_leak(void)
{
	int i, r = 0;

	for (i = 0; i < leaks && !r; i++)
		r = forget(leak[i]);
	return r;
}
