/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The other side of the border while KUnit runs: what a VM's memory was told
 * to map, page by page.
 */
#pragma once

#include <linux/types.h>
#include <linux/xarray.h>

struct visor_guest_memory {
	struct xarray pages;		/* guest frame -> physical address, bit 0: writable */
	int maps_left;			/* after so many no page of tables can be had; < 0: no limit */
};

void border_init(struct visor_guest_memory *memory);
void border_destroy(struct visor_guest_memory *memory);
/* 0: nothing is mapped there. */
u64 border_mapping(struct visor_guest_memory *memory, u64 guest_physical);
unsigned long border_count(struct visor_guest_memory *memory);
