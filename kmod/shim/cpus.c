// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of the CPUs: everything that launch, exits and the trace will ever
 * need is allocated here, per NUMA node, before the first CPU is touched.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <asm/desc.h>

#include "report.h"
#include "rm_cpu.h"

struct rm_cpu **rm_cpus;
u32 rm_trace_records;

/* alloc_pages_exact_nid() is not exported: split a high-order block and free its tail. */
static void *alloc_exact(int node, size_t bytes)
{
	unsigned int order = get_order(bytes);
	unsigned long used = PFN_UP(bytes), i;
	struct page *page;

	page = alloc_pages_node(node, GFP_KERNEL | __GFP_ZERO, order);
	if (!page)
		return NULL;
	split_page(page, order);
	for (i = used; i < (1UL << order); i++)
		__free_page(page + i);
	return page_address(page);
}

static void free_exact(void *memory, size_t bytes)
{
	unsigned long i;

	if (!memory)
		return;
	for (i = 0; i < PFN_UP(bytes); i++)
		free_page((unsigned long)memory + i * PAGE_SIZE);
}

static size_t trace_bytes(void)
{
	return (size_t)rm_trace_records * sizeof(struct rmvisor_trace_record);
}

size_t rm_cpu_bytes(void)
{
	return PAGE_ALIGN(visor_cpu_bytes()) + PAGE_ALIGN(trace_bytes());
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

static int setup_cpu(struct rm_cpu *c)
{
	int node = cpu_to_node(c->number);
	struct visor_cpu_args args = {
		.cpu = c->number,
		.trace_records = rm_trace_records,
		.gdt_virt = (unsigned long)get_cpu_gdt_rw(c->number),
	};
	rmv_u32 status;

	c->visor = alloc_exact(node, visor_cpu_bytes());
	c->trace = alloc_exact(node, trace_bytes());
	if (!c->visor || !c->trace)
		return -ENOMEM;
	args.trace_virt = (unsigned long)c->trace;
	status = visor_cpu_setup(c->visor, &args);
	if (status)
		return report_failure("setting up a CPU's memory", status);
	c->public = visor_cpu_public(c->visor);
	WRITE_ONCE(c->public->trace_on, 1);
	return 0;
}

int rm_cpus_setup(u32 trace_records)
{
	struct rm_cpu *c;
	unsigned int cpu;
	int r;

	BUILD_BUG_ON(sizeof(struct rmvisor_trace_record) != 64);
	rm_trace_records = trace_records;
	for_each_rm_cpu(c, cpu) {
		r = setup_cpu(c);
		if (r == -ENOMEM)
			pr_err("CPU %u: no %zu KiB of contiguous memory; load with a smaller trace_buffer_kb\n",
			       cpu, rm_cpu_bytes() >> 10);
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
		free_exact(c->trace, trace_bytes());
		/* A failed launch that could not be undone: its VMXON region stays the CPU's. */
		if (c->public && rm_cpu_state(c) == VISOR_CPU_BROKEN)
			pr_err("CPU %u stays in VMX operation; its memory stays with it\n", cpu);
		else
			free_exact(c->visor, visor_cpu_bytes());
		kfree(c);
	}
	kfree(rm_cpus);
	rm_cpus = NULL;
}
