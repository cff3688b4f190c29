// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contiguous memory of any number of pages. alloc_pages_exact_nid() is not
 * exported: split a high-order block and free its tail.
 */
#include <linux/gfp.h>
#include <linux/mm.h>

#include "pages.h"

void *rm_pages_alloc(int node, size_t bytes, gfp_t more)
{
	unsigned int order = get_order(bytes);
	unsigned long used = PFN_UP(bytes), i;
	struct page *page;

	page = alloc_pages_node(node, GFP_KERNEL | __GFP_ZERO | more, order);
	if (!page)
		return NULL;
	split_page(page, order);
	for (i = used; i < (1UL << order); i++)
		__free_page(page + i);
	return page_address(page);
}

void rm_pages_free(void *memory, size_t bytes)
{
	unsigned long i;

	if (!memory)
		return;
	for (i = 0; i < PFN_UP(bytes); i++)
		free_page((unsigned long)memory + i * PAGE_SIZE);
}
