// SPDX-License-Identifier: GPL-2.0-only
/*
 * The doorbell interrupt. Root sends it with a plain ICR write, so it must know
 * vector and physical APIC id of where Linux wants it at any moment. The
 * interrupt therefore lives in a domain of its own, child of the vector
 * domain: whenever Linux moves it, the callback here publishes the new place.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irq_work.h>
#include <linux/irqdomain.h>
#include <linux/numa.h>
#include <asm/hw_irq.h>
#include <asm/irqdomain.h>
#include <asm/smp.h>

#include "doorbell.h"
#include "mtrr.h"
#include "rm_cpu.h"

static struct fwnode_handle *fwnode;
static struct irq_domain *domain;
static int doorbell_irq;

static void wake_all(void)
{
	struct rm_cpu *c;
	unsigned int cpu;

	/* One vector for all: the waiters look at their own CPU's stop_sequence. */
	for_each_rm_cpu(c, cpu)
		if (READ_ONCE(c->use) == RM_CPU_TAKEN)
			wake_up(&c->stopped);
}

static void wake_all_work(struct irq_work *work)
{
	wake_all();
}

static struct irq_work published = IRQ_WORK_INIT(wake_all_work);

/*
 * Tells every CPU's root where the doorbell is. Never from dest_apicid, which
 * is a logical mask in flat mode. Root may read a new vector with an old
 * destination; the wake-up afterwards makes up for a doorbell rung in between.
 */
static void publish(struct irq_data *data)
{
	unsigned int target = cpumask_first(irq_data_get_effective_affinity_mask(data));
	struct irq_cfg *cfg = irqd_cfg(data);
	struct rm_cpu *c;
	unsigned int cpu;

	if (target >= nr_cpu_ids || !cfg)
		return;
	for_each_rm_cpu(c, cpu) {
		WRITE_ONCE(c->public->doorbell_apic_id, per_cpu(x86_cpu_to_apicid, target));
		/* who sees the vector sees its CPU */
		smp_store_release(&c->public->doorbell_vector, cfg->vector);
	}
	irq_work_queue(&published);
}

static int doorbell_set_affinity(struct irq_data *data, const struct cpumask *mask, bool force)
{
	struct irq_data *parent = data->parent_data;
	int r = parent->chip->irq_set_affinity(parent, mask, force);

	if (r >= 0)
		publish(data);
	return r;
}

static struct irq_chip doorbell_chip = {
	.name = "rmvisor",
	.irq_ack = irq_chip_ack_parent,
	.irq_set_affinity = doorbell_set_affinity,
	.irq_retrigger = irq_chip_retrigger_hierarchy,
	.flags = IRQCHIP_SKIP_SET_WAKE,
};

static int domain_alloc(struct irq_domain *d, unsigned int virq, unsigned int count, void *info)
{
	int r = irq_domain_alloc_irqs_parent(d, virq, count, info);

	if (r)
		return r;
	r = irq_domain_set_hwirq_and_chip(d, virq, virq, &doorbell_chip, NULL);
	if (r)
		irq_domain_free_irqs_parent(d, virq, count);
	return r;
}

static void domain_free(struct irq_domain *d, unsigned int virq, unsigned int count)
{
	irq_domain_free_irqs_parent(d, virq, count);
}

static int domain_activate(struct irq_domain *d, struct irq_data *data, bool reserve)
{
	/* In reservation mode there is no vector yet; request_irq() activates again. */
	if (!reserve)
		publish(data);
	return 0;
}

static const struct irq_domain_ops domain_ops = {
	.alloc = domain_alloc,
	.free = domain_free,
	.activate = domain_activate,
};

static irqreturn_t doorbell_handler(int irq, void *unused)
{
	wake_all();
	mtrr_look();
	return IRQ_HANDLED;
}

static int create_domain(void)
{
	fwnode = irq_domain_alloc_named_fwnode("rmvisor");
	if (!fwnode)
		return -ENOMEM;
	domain = irq_domain_create_hierarchy(x86_vector_domain, 0, 0, fwnode, &domain_ops, NULL);
	if (domain)
		return 0;
	irq_domain_free_fwnode(fwnode);
	return -ENOMEM;
}

static void remove_domain(void)
{
	irq_domain_remove(domain);
	irq_domain_free_fwnode(fwnode);
}

static int request_doorbell(void)
{
	struct irq_alloc_info info = { };
	int r;

	doorbell_irq = __irq_domain_alloc_irqs(domain, -1, 1, NUMA_NO_NODE, &info, false, NULL);
	if (doorbell_irq < 0)
		return doorbell_irq;
	irq_set_handler(doorbell_irq, handle_edge_irq);
	irq_set_status_flags(doorbell_irq, IRQ_NOPROBE | IRQ_MOVE_PCNTXT);
	r = request_irq(doorbell_irq, doorbell_handler, 0, "rmvisor-doorbell", &doorbell_chip);
	if (r)
		irq_dispose_mapping(doorbell_irq);
	return r;
}

int doorbell_init(void)
{
	int r = create_domain();

	if (r)
		return r;
	r = request_doorbell();
	if (r)
		remove_domain();
	return r;
}

void doorbell_exit(void)
{
	free_irq(doorbell_irq, &doorbell_chip);
	irq_dispose_mapping(doorbell_irq);
	irq_work_sync(&published);
	remove_domain();
}
