// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitmap.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "ports.h"

#define PORTS 0x10000u
#define BITMAP_ORDER 1
#define KNOWN_FLAGS RMVISOR_PORTS_SHARED

static bool is_valid(const struct rmvisor_ports *wanted)
{
	return wanted->count && wanted->count <= PORTS && wanted->first < PORTS &&
	       wanted->count <= PORTS - wanted->first && !(wanted->flags & ~KNOWN_FLAGS) &&
	       !wanted->reserved;
}

static int need_bitmap(struct rm_ports *ports)
{
	if (ports->bitmap)
		return 0;
	ports->bitmap = (void *)__get_free_pages(GFP_KERNEL_ACCOUNT, BITMAP_ORDER);
	if (!ports->bitmap)
		return -ENOMEM;
	memset(ports->bitmap, 0xff, PAGE_SIZE << BITMAP_ORDER);
	return 0;
}

int rm_ports_pass(struct rm_ports *ports, const struct rmvisor_ports *wanted)
{
	struct resource *claim;
	int r;

	if (!is_valid(wanted))
		return -EINVAL;
	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	if (ports->claims == ARRAY_SIZE(ports->claimed))
		return -ENOSPC;
	r = need_bitmap(ports);
	if (r)
		return r;
	claim = request_region(wanted->first, wanted->count, "rmvisor");
	if (!claim && !(wanted->flags & RMVISOR_PORTS_SHARED))
		return -EBUSY;
	ports->claimed[ports->claims++] = claim;
	bitmap_clear(ports->bitmap, wanted->first, wanted->count);
	return 0;
}

void rm_ports_free(struct rm_ports *ports)
{
	unsigned int i;

	for (i = 0; i < ports->claims; i++)
		if (ports->claimed[i])
			release_region(ports->claimed[i]->start,
				       resource_size(ports->claimed[i]));
	free_pages((unsigned long)ports->bitmap, BITMAP_ORDER);
}

u64 rm_ports_bitmap(const struct rm_ports *ports)
{
	return ports->bitmap ? virt_to_phys(ports->bitmap) : 0;
}
