// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of the trace rings. Contiguous where that can be had: each page that
 * is taken out of a big one costs the visor's map a table, and Linux a TLB entry.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>
#include <asm/tsc.h>

#include "pages.h"
#include "ring_memory.h"

/* Beyond it the page allocator is not even asked. */
#define CONTIGUOUS_MAX (4UL << 20)

DECLARE_RWSEM(rm_ring_lock);

static void *alloc_memory(int node, size_t bytes)
{
	void *memory = NULL;

	if (bytes <= CONTIGUOUS_MAX)
		memory = rm_pages_alloc(node, bytes, __GFP_NOWARN | __GFP_NORETRY);
	return memory ?: vzalloc_node(bytes, node);
}

static void free_memory(void *memory, size_t bytes)
{
	if (is_vmalloc_addr(memory))
		vfree(memory);
	else
		rm_pages_free(memory, bytes);
}

struct rm_ring *rm_ring_alloc(unsigned int cpu, u32 records, u64 first)
{
	int node = cpu_to_node(cpu);
	struct rm_ring *ring = kzalloc_node(sizeof(*ring), GFP_KERNEL, node);

	if (!ring)
		return NULL;
	ring->count = records;
	ring->bytes = PAGE_SIZE + PAGE_ALIGN(records * sizeof(*ring->records));
	ring->map = alloc_memory(node, ring->bytes);
	if (!ring->map) {
		kfree(ring);
		return NULL;
	}
	ring->records = (void *)ring->map + PAGE_SIZE;
	*ring->map = (struct rmvisor_trace_map){
		.version = RMVISOR_TRACE_VERSION,
		.record_bytes = sizeof(*ring->records),
		.data_offset = PAGE_SIZE,
		.records = records,
		.cpu = cpu,
		.tsc_khz = tsc_khz,
		.first = first,
		.head = first,
	};
	return ring;
}

void rm_ring_free(struct rm_ring *ring)
{
	if (!ring)
		return;
	free_memory(ring->map, ring->bytes);
	kfree(ring);
}

struct page *rm_ring_page(const struct rm_ring *ring, unsigned long offset)
{
	void *address = (void *)ring->map + offset;

	return is_vmalloc_addr(address) ? vmalloc_to_page(address) : virt_to_page(address);
}
