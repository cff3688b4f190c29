// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of the CPUs: everything that launch, exits and the trace will ever
 * need is allocated here, per NUMA node, before the first CPU is touched.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <asm/desc.h>

#include "pages.h"
#include "report.h"
#include "rm_cpu.h"

struct rm_cpu **rm_cpus;

size_t rm_cpu_bytes(void)
{
	return PAGE_ALIGN(visor_cpu_bytes()) + rm_cpus[0]->ring->bytes;
}

static struct rm_cpu *alloc_cpu(unsigned int cpu)
{
	struct rm_cpu *c = kzalloc_node(sizeof(*c), GFP_KERNEL, cpu_to_node(cpu));

	if (!c)
		return NULL;
	c->number = cpu;
	init_completion(&c->facts_done);
	mutex_init(&c->mailbox);
	init_waitqueue_head(&c->stopped);
	return c;
}

int rm_cpus_alloc(void)
{
	unsigned int cpu;

	rm_cpus = kcalloc(nr_cpu_ids, sizeof(*rm_cpus), GFP_KERNEL);
	if (!rm_cpus)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		rm_cpus[cpu] = alloc_cpu(cpu);
		if (!rm_cpus[cpu])
			return -ENOMEM;
	}
	return 0;
}

static int setup_cpu(struct rm_cpu *c, u32 trace_records)
{
	int node = cpu_to_node(c->number);
	struct visor_cpu_args args = {
		.cpu = c->number,
		.trace_records = trace_records,
		.gdt_virt = (unsigned long)get_cpu_gdt_rw(c->number),
	};
	rmv_u32 status;

	c->visor = rm_pages_alloc(node, visor_cpu_bytes(), 0);
	c->ring = rm_ring_alloc(c->number, trace_records, 0);
	if (!c->visor || !c->ring)
		return -ENOMEM;
	args.trace_virt = (unsigned long)c->ring->map;
	status = visor_cpu_setup(c->visor, &args);
	if (status)
		return report_failure("setting up a CPU's memory", status);
	c->public = visor_cpu_public(c->visor);
	c->stats = visor_cpu_stats(c->visor);
	return 0;
}

int rm_cpus_setup(u32 trace_records)
{
	struct rm_cpu *c;
	unsigned int cpu;
	int r;

	BUILD_BUG_ON(sizeof(struct rmvisor_trace_record) != 64);
	for_each_rm_cpu(c, cpu) {
		r = setup_cpu(c, trace_records);
		if (r == -ENOMEM)
			pr_err("CPU %u: no memory for it; load with a smaller trace_buffer_kb\n", cpu);
		if (r)
			return r;
	}
	return 0;
}

void rm_cpus_free(void)
{
	struct rm_cpu *c;
	unsigned int cpu;

	if (!rm_cpus)
		return;
	for_each_rm_cpu(c, cpu) {
		rm_ring_free(c->ring);
		/* A failed launch that could not be undone: its VMXON region stays the CPU's. */
		if (c->public && rm_cpu_state(c) == VISOR_CPU_BROKEN)
			pr_err("CPU %u stays in VMX operation; its memory stays with it\n", cpu);
		else
			rm_pages_free(c->visor, visor_cpu_bytes());
		kfree(c);
	}
	kfree(rm_cpus);
	rm_cpus = NULL;
}
