/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the shim knows of one CPU, and the memory it gave to the visor for it.
 * Allocated at load for every possible CPU, freed at unload, never in between.
 */
#pragma once

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <linux/rmvisor.h>

#include "../abi.h"
#include "ring_memory.h"

/* Whose the CPU is. Written under the dedicate mutex, read anywhere. */
enum rm_cpu_use {
	RM_CPU_LINUX = 0,	/* Linux's, online or not */
	RM_CPU_TAKING,		/* remove_cpu() is under way for us */
	RM_CPU_TAKEN,		/* parked in root or running a guest */
	RM_CPU_SILENT,		/* given back by its owner, but it does not answer yet */
	RM_CPU_LOST,		/* does not answer; never touched again */
};

struct rm_cpu {
	unsigned int number;
	enum rm_cpu_use use;
	pid_t owner;			/* process that took it last */
	struct visor_cpu *visor;
	struct visor_public *public;
	struct rm_ring *ring;		/* see rm_ring_lock */
	const struct rmvisor_stats *stats;

	/* while TAKEN: what people call the VM; see vm_name.h */
	char guest_name[RMVISOR_NAME_BYTES];

	/* pre-flight */
	struct visor_cpu_facts facts;
	struct work_struct facts_work;
	struct completion facts_done;
	bool facts_valid;

	/* a dedicated CPU's conversation: see mailbox.c */
	struct mutex mailbox;
	wait_queue_head_t stopped;	/* woken by the doorbell */
	bool silent;			/* it has not answered: silence.c */
	struct delayed_work silent_work; /* its way back when it does: dedicate.c */
	void (*silent_done)(void *argument);
	void *silent_argument;
	bool run_posted;
	u32 run_sequence;		/* stop_sequence when RUN was posted */

	bool fault_reported;
	u64 stray_writes_reported;
	u64 stray_inits_reported;
	u32 own_nmis_seen;		/* of public->own_nmis; by its NMI handler alone */
};

/* nr_cpu_ids pointers; NULL for a CPU that is not possible. */
extern struct rm_cpu **rm_cpus;

#define for_each_rm_cpu(c, cpu)                                        \
	for_each_possible_cpu(cpu)                                     \
		if (((c) = rm_cpus[cpu]) == NULL) {                    \
		} else

static inline u32 rm_cpu_state(const struct rm_cpu *c)
{
	/* what led to the state is done */
	return smp_load_acquire(&c->public->state);
}

/* The structs alone: enough for pre-flight. Undone by rm_cpus_free(). */
int rm_cpus_alloc(void);
/* The visor's memory and the trace ring of every CPU, after visor_setup(). @trace_records: a power of two. */
int rm_cpus_setup(u32 trace_records);
/* No CPU may be in VMX operation. Also after a failed alloc or setup. */
void rm_cpus_free(void);
/* Bytes of one CPU's memory, trace ring included. */
size_t rm_cpu_bytes(void);

/*
 * Pre-flight: facts of every online CPU, checked, and compared with the first
 * one's. 0 or an errno, with a line in the log. *first gets the facts to set
 * up with. May sleep.
 */
int preflight_run(const struct visor_cpu_facts **first);
/* The same check for the CPU that this runs on, interrupts off. */
rmv_u32 preflight_check_here(struct visor_refusal *refusal);
