// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells every CPU what to record. Root takes Linux's wishes over when it is told
 * to and never looks at these words otherwise: a CPU that runs Linux is told by
 * a call on that CPU, a dedicated one by NMI, one outside VMX when it is launched.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/cpu.h>
#include <linux/iopoll.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "dedicate.h"
#include "ipi.h"
#include "watch.h"
#include "watch_rings.h"

#define ANSWER_US (200 * USEC_PER_MSEC)
#define ANSWER_TRIES 5

DEFINE_MUTEX(rm_tables_mutex);
bool rm_tables_stuck;

/* Under it wishes are changed and told. Before the dedicate mutex. */
static DEFINE_MUTEX(watch_mutex);
static struct visor_watch_args wishes;
static u32 request;

static u32 *switch_word(enum watch_switch which)
{
	switch (which) {
	case WATCH_OVERWRITE:
		return &wishes.overwrite;
	case WATCH_STATS:
		return &wishes.stats_on;
	case WATCH_TRACE:
	default:
		return &wishes.trace_on;
	}
}

static bool followed(const struct rm_cpu *c)
{
	/* what was wished for is done before its number is there */
	return smp_load_acquire(&c->public->watch_done) == request;
}

static void tell_here(void *unused)
{
	struct rm_cpu *c = rm_cpus[smp_processor_id()];

	if (rm_cpu_state(c) == VISOR_CPU_LINUX)
		visor_watch(c->visor);
}

/* A parked CPU looks at its mailbox all the time, a running one after an NMI. */
static int tell_dedicated(struct rm_cpu *c)
{
	unsigned int tries;
	bool done;

	for (tries = 0; tries < ANSWER_TRIES; tries++) {
		if (rm_cpu_state(c) == VISOR_CPU_RUNNING)
			ipi_send_nmi(c->number);
		if (!read_poll_timeout(followed, done, done, 50, ANSWER_US, false, c))
			return 0;
	}
	pr_err("CPU %u does not answer; its trace stays as it was\n", c->number);
	return -ETIMEDOUT;
}

/* Under dedicate_hold() and cpus_read_lock(): a CPU can't change hands. */
static int tell_all(void)
{
	struct rm_cpu *c;
	unsigned int cpu;
	int r = 0, one;

	request++;
	for_each_rm_cpu(c, cpu) {
		c->public->watch = wishes;
		/* who sees the request sees the wishes */
		smp_store_release(&c->public->watch_request, request);
	}
	on_each_cpu(tell_here, NULL, 1);
	for_each_rm_cpu(c, cpu) {
		one = c->use == RM_CPU_TAKEN ? tell_dedicated(c) : 0;
		if (one)
			r = one;
	}
	return r;
}

static void hold_cpus(void)
{
	dedicate_hold();
	cpus_read_lock();
}

static void release_cpus(void)
{
	cpus_read_unlock();
	dedicate_release();
}

static int publish(void)
{
	int r;

	hold_cpus();
	r = tell_all();
	release_cpus();
	return r;
}

void watch_init(void)
{
	struct rm_cpu *c;
	unsigned int cpu;

	wishes = (struct visor_watch_args){ .trace_on = 1, .overwrite = 1, .stats_on = 1 };
	request = 1;
	for_each_rm_cpu(c, cpu) {
		c->public->watch = wishes;
		c->public->watch_request = request;
	}
}

u32 watch_get(enum watch_switch which)
{
	return READ_ONCE(*switch_word(which));
}

int watch_set(enum watch_switch which, u32 value)
{
	int r;

	mutex_lock(&watch_mutex);
	WRITE_ONCE(*switch_word(which), value);
	r = publish();
	mutex_unlock(&watch_mutex);
	return r;
}

int watch_set_filter(const struct rmv_filter_step *steps, u32 count)
{
	int r;

	mutex_lock(&watch_mutex);
	memcpy(wishes.filter, steps, count * sizeof(*steps));
	wishes.filter_steps = count;
	r = publish();
	mutex_unlock(&watch_mutex);
	return r;
}

int watch_resize(u32 records)
{
	int r;

	mutex_lock(&watch_mutex);
	hold_cpus();
	mutex_lock(&rm_tables_mutex);
	r = watch_rings_replace(records, tell_all);
	mutex_unlock(&rm_tables_mutex);
	release_cpus();
	mutex_unlock(&watch_mutex);
	return r;
}

u32 watch_records(void)
{
	u32 records;

	down_read(&rm_ring_lock);
	records = rm_cpus[cpumask_first(cpu_possible_mask)]->ring->count;
	up_read(&rm_ring_lock);
	return records;
}
