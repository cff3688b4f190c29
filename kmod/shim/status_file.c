// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs status.
 */
#include <linux/kernel.h>
#include <linux/seq_file.h>

#include "fault.h"
#include "health.h"
#include "ring.h"
#include "smm.h"
#include "status_file.h"
#include "vm_name.h"

static const char *const state_names[] = {
	[VISOR_CPU_NATIVE] = "native",
	[VISOR_CPU_LINUX] = "linux",
	[VISOR_CPU_PARKED] = "parked",
	[VISOR_CPU_RUNNING] = "running",
	[VISOR_CPU_BROKEN] = "broken",
};

static const char *state_name(const struct rm_cpu *c)
{
	u32 state = rm_cpu_state(c);

	return state < ARRAY_SIZE(state_names) ? state_names[state] : "unknown";
}

static void show_owner(struct seq_file *file, const struct rm_cpu *c)
{
	switch (READ_ONCE(c->use)) {
	case RM_CPU_LINUX:
		seq_puts(file, " owner linux");
		break;
	case RM_CPU_TAKING:
		seq_puts(file, " owner linux, being taken");
		break;
	case RM_CPU_TAKEN:
		seq_printf(file, " owner vm%u/%u", READ_ONCE(c->public->vm),
			   READ_ONCE(c->public->vcpu_id));
		rm_vm_name_show(file, c);
		seq_printf(file, " pid %d", READ_ONCE(c->owner));
		break;
	case RM_CPU_SILENT:
		seq_puts(file, " owner nobody, silent");
		break;
	case RM_CPU_LOST:
		seq_puts(file, " lost");
		break;
	}
}

/*
 * On a line of its own. Where the CPU counts SMIs, those of Linux are the rest
 * of its count since reset.
 */
static void show_smis(struct seq_file *file, const struct rm_cpu *c)
{
	const struct visor_smis *guest = &c->public->guest_smis;
	const struct visor_smis *halted = &c->public->halted_smis;
	const struct visor_smis *parked = &c->public->parked_smis;
	u64 dedicated = READ_ONCE(guest->count) + READ_ONCE(halted->count) +
			READ_ONCE(parked->count);
	u32 count;

	seq_printf(file, "cpu%u: smi guest_smis %llu halted_smis %llu parked_smis %llu guest_smi_ticks %llu halted_smi_ticks %llu parked_smi_ticks %llu longest_smi_ticks %llu",
		   c->number, READ_ONCE(guest->count), READ_ONCE(halted->count),
		   READ_ONCE(parked->count), READ_ONCE(guest->ticks), READ_ONCE(halted->ticks),
		   READ_ONCE(parked->ticks),
		   max3(READ_ONCE(guest->longest), READ_ONCE(halted->longest),
			READ_ONCE(parked->longest)));
	if (smm_read_smi_count(c->number, &count))
		seq_printf(file, " linux_smis %llu", count - dedicated);
	seq_putc(file, '\n');
}

int status_file_show(struct seq_file *file, void *unused)
{
	struct rm_cpu *c;
	unsigned int cpu;
	char fault[160];

	for_each_rm_cpu(c, cpu) {
		const struct visor_public *p = c->public;

		seq_printf(file, "cpu%u: %s", cpu, state_name(c));
		show_owner(file, c);
		seq_printf(file, " launch_ticks %llu setup_ticks %llu leave_ticks %llu kick_ticks %llu nmi_in_root %llu nmi_injected %llu machine_checks %llu stray_writes %llu stray_inits %llu smi_repairs %llu stops %u trace_records %llu\n",
			   READ_ONCE(p->launch_ticks), READ_ONCE(p->setup_ticks),
			   READ_ONCE(p->leave_ticks), READ_ONCE(p->kick_ticks),
			   READ_ONCE(p->nmi_in_root), READ_ONCE(p->nmi_injected),
			   READ_ONCE(p->machine_checks), READ_ONCE(p->stray_writes),
			   READ_ONCE(p->stray_inits),
			   READ_ONCE(p->smi_repairs), READ_ONCE(p->stop_sequence), ring_head(c));
		show_smis(file, c);
		fault_show(file, c);
		health_describe(c, fault, sizeof(fault));
		if (*fault)
			seq_printf(file, "cpu%u: fault: %s\n", cpu, fault);
	}
	return 0;
}
