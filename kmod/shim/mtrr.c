// SPDX-License-Identifier: GPL-2.0-only
/*
 * Under EPT the types of memory come from the visor's map, not from MTRRs. The
 * visor lets Linux's writes of MTRRs through and rings; here the map is built
 * anew and every CPU switched to it. Until then, some milliseconds, memory
 * keeps the types that it had.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/cpu.h>
#include <linux/smp.h>
#include <linux/workqueue.h>

#include "launch.h"
#include "mtrr.h"
#include "report.h"
#include "rm_cpu.h"
#include "watch.h"

static void mtrr_work_function(struct work_struct *work);
static DECLARE_WORK(mtrr_work, mtrr_work_function);
static u64 followed;

static u64 writes(void)
{
	struct rm_cpu *c;
	unsigned int cpu;
	u64 sum = 0;

	for_each_rm_cpu(c, cpu)
		sum += READ_ONCE(c->public->mtrr_writes);
	return sum;
}

static void use_map(void *ept_pointer)
{
	struct rm_cpu *c = rm_cpus[smp_processor_id()];

	if (rm_cpu_state(c) == VISOR_CPU_LINUX)
		visor_use_map(c->visor, *(rmv_u64 *)ept_pointer);
}

static rmv_u32 rebuild(rmv_u64 *ept_pointer)
{
	rmv_u32 status;

	/* This CPU's MTRRs: Linux keeps them alike. */
	migrate_disable();
	status = visor_mtrr_rebuild(ept_pointer);
	migrate_enable();
	return status;
}

static void mtrr_work_function(struct work_struct *work)
{
	rmv_u64 ept_pointer;
	rmv_u32 status;
	u64 seen;

	cpus_read_lock();
	mutex_lock(&rm_tables_mutex);
	while (!rm_tables_stuck && (seen = writes()) != followed) {
		status = rebuild(&ept_pointer);
		if (status) {
			report_failure("following a change of MTRRs", status);
			break;
		}
		on_each_cpu(use_map, &ept_pointer, 1);
		visor_mtrr_retire();
		followed = seen;
		pr_info("memory types follow Linux's change of MTRRs\n");
	}
	mutex_unlock(&rm_tables_mutex);
	cpus_read_unlock();
}

void mtrr_look(void)
{
	if (writes() != READ_ONCE(followed))
		schedule_work(&mtrr_work);
}

int mtrr_init(void)
{
	followed = writes();
	return 0;
}

void mtrr_exit(void)
{
	cancel_work_sync(&mtrr_work);
}
