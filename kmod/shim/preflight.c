// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pre-flight: asks every online CPU what it can do before anything is touched.
 * The question is a work item queued on the CPU; a CPU that does not answer in
 * time is named, and the work is called off.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/cpu.h>
#include <linux/jiffies.h>
#include <linux/smp.h>

#include "fault.h"
#include "report.h"
#include "rm_cpu.h"

#define PREFLIGHT_TIMEOUT (5 * HZ)

/* Every CPU is compared with this one; its facts build the tables. */
static const struct visor_cpu_facts *reference;

static void read_facts_work(struct work_struct *work)
{
	struct rm_cpu *c = container_of(work, struct rm_cpu, facts_work);
	unsigned long flags;

	local_irq_save(flags);
	visor_read_facts(&c->facts);
	/* A work item is moved away only when its CPU goes offline. */
	c->facts_valid = smp_processor_id() == c->number;
	local_irq_restore(flags);
	complete(&c->facts_done);
}

static void ask_all(void)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		struct rm_cpu *c = rm_cpus[cpu];

		c->facts_valid = false;
		reinit_completion(&c->facts_done);
		INIT_WORK(&c->facts_work, read_facts_work);
		queue_work_on(cpu, system_highpri_wq, &c->facts_work);
	}
}

/* All CPUs share one deadline. Afterwards no work item is left behind. */
static int await_all(void)
{
	unsigned long deadline = jiffies + PREFLIGHT_TIMEOUT;
	unsigned int cpu;
	int r = 0;

	for_each_online_cpu(cpu) {
		struct rm_cpu *c = rm_cpus[cpu];
		long left = max_t(long, deadline - jiffies, 1);

		if (wait_for_completion_timeout(&c->facts_done, left) && c->facts_valid)
			continue;
		pr_err("CPU %u does not answer within %d s; is a real-time task holding it?\n", cpu,
		       PREFLIGHT_TIMEOUT / HZ);
		r = -ETIMEDOUT;
	}
	for_each_online_cpu(cpu)
		cancel_work_sync(&rm_cpus[cpu]->facts_work);
	return r;
}

static rmv_u32 check(const struct visor_cpu_facts *facts, struct visor_refusal *refusal)
{
	rmv_u32 status = visor_check_facts(facts, refusal);

	if (status || !reference || facts == reference)
		return status;
	return visor_compare_facts(reference, facts, refusal);
}

static int check_all(void)
{
	struct visor_refusal refusal = { };
	unsigned int cpu;

	reference = NULL;
	for_each_online_cpu(cpu) {
		struct rm_cpu *c = rm_cpus[cpu];

		if (check(&c->facts, &refusal))
			return report_refusal(cpu, &refusal);
		if (!reference)
			reference = &c->facts;
	}
	return 0;
}

int preflight_run(const struct visor_cpu_facts **first)
{
	int r;

	cpus_read_lock();
	fault_hold_cpu();
	ask_all();
	r = await_all();
	if (!r)
		r = check_all();
	cpus_read_unlock();
	*first = reference;
	return r;
}

rmv_u32 preflight_check_here(struct visor_refusal *refusal)
{
	struct visor_cpu_facts facts;

	visor_read_facts(&facts);
	return check(&facts, refusal);
}
