// SPDX-License-Identifier: GPL-2.0-only
/*
 * New rings for all CPUs while they are traced. Root's tables and Linux's map are
 * built anew around them; each CPU goes over to both at once, in root. The old
 * ones are freed when the last CPU has.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/slab.h>

#include "report.h"
#include "ring.h"
#include "watch.h"
#include "watch_rings.h"

/* A CPU that can't be told would go on with memory that is freed. */
static bool all_can_be_told(void)
{
	struct rm_cpu *c;
	unsigned int cpu;

	for_each_rm_cpu(c, cpu)
		if (c->use == RM_CPU_LOST || rm_cpu_state(c) == VISOR_CPU_BROKEN)
			return false;
	return true;
}

static void free_rings(struct rm_ring **rings)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		rm_ring_free(rings[cpu]);
	kfree(rings);
}

static struct rm_ring **alloc_rings(u32 records)
{
	struct rm_ring **rings = kcalloc(nr_cpu_ids, sizeof(*rings), GFP_KERNEL);
	struct rm_cpu *c;
	unsigned int cpu;

	if (!rings)
		return NULL;
	for_each_rm_cpu(c, cpu) {
		rings[cpu] = rm_ring_alloc(cpu, records, ring_head(c));
		if (!rings[cpu]) {
			free_rings(rings);
			return NULL;
		}
	}
	return rings;
}

/* What visor_rings_rebuild() builds around, and the CPUs will be told. */
static void name_ring(struct rm_cpu *c, const struct rm_ring *ring, int step)
{
	struct visor_ring_args *args = &c->public->ring;

	args->virt = (unsigned long)ring->map;
	args->records = ring->count;
	args->generation += step;
}

static int rebuild(struct rm_ring **rings)
{
	struct rm_cpu *c;
	unsigned int cpu;
	rmv_u32 status;

	for_each_rm_cpu(c, cpu)
		name_ring(c, rings[cpu], 1);
	/* This CPU's MTRRs: Linux keeps them alike. */
	migrate_disable();
	status = visor_rings_rebuild();
	migrate_enable();
	if (!status)
		return 0;
	for_each_rm_cpu(c, cpu)
		name_ring(c, c->ring, -1);
	return report_failure("building the tables for new trace rings", status);
}

/* Readers go over too; what was in the old rings is lost to them. */
static void exchange_rings(struct rm_ring **rings)
{
	struct rm_cpu *c;
	unsigned int cpu;

	down_write(&rm_ring_lock);
	for_each_rm_cpu(c, cpu)
		swap(c->ring, rings[cpu]);
	up_write(&rm_ring_lock);
}

int watch_rings_replace(u32 records, int (*tell)(void))
{
	struct rm_ring **rings;
	int r;

	if (rm_tables_stuck || !all_can_be_told())
		return -EBUSY;
	rings = alloc_rings(records);
	if (!rings)
		return -ENOMEM;
	r = rebuild(rings);
	if (r) {
		free_rings(rings);
		return r;
	}
	r = tell();
	exchange_rings(rings);
	if (r) {
		/* A CPU that did not answer has the old ones still: they are never freed. */
		rm_tables_stuck = true;
		return r;
	}
	visor_rings_retire();
	free_rings(rings);
	return 0;
}
