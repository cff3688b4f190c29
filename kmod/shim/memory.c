// SPDX-License-Identifier: GPL-2.0-only
/* Memory for the visor's set-up code: pages, and address translation. */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#include "../abi.h"

void *shim_alloc_page(rmv_u64 *phys)
{
	void *page = (void *)get_zeroed_page(GFP_KERNEL);

	if (page && phys)
		*phys = __pa(page);
	return page;
}

void shim_free_page(void *page)
{
	free_page((unsigned long)page);
}

void *shim_phys_to_virt(rmv_u64 phys)
{
	return __va(phys);
}

rmv_u64 shim_virt_to_phys(rmv_u64 virt)
{
	const void *address = (const void *)(unsigned long)virt;
	unsigned long pfn;

	if (virt_addr_valid(address))
		return __pa(address);
	if (!is_vmalloc_addr(address) && (virt < MODULES_VADDR || virt >= MODULES_END))
		return 0;
	pfn = vmalloc_to_pfn(address);
	return pfn ? PFN_PHYS(pfn) | offset_in_page(address) : 0;
}
