/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of a CPU's trace ring: one page for readers, then the records.
 * Root writes it; Linux only fills the constants in before root knows of it.
 */
#pragma once

#include <linux/rwsem.h>
#include <linux/types.h>

#include <linux/rmvisor.h>

struct rm_ring {
	struct rmvisor_trace_map *map;
	const struct rmvisor_trace_record *records;
	u32 count;		/* a power of two */
	size_t bytes;		/* of map and records, whole pages */
};

/* Held for reading while a ring is looked at; for writing while rings are replaced. */
extern struct rw_semaphore rm_ring_lock;

/* @first: index of the first record that it will get. NULL: no memory. */
struct rm_ring *rm_ring_alloc(unsigned int cpu, u32 records, u64 first);
/* Pages that a program has mapped live on until it lets go of them. */
void rm_ring_free(struct rm_ring *ring);
/* The page at this offset. */
struct page *rm_ring_page(const struct rm_ring *ring, unsigned long offset);
