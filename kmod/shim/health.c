// SPDX-License-Identifier: GPL-2.0-only
/*
 * Root can't write to the kernel log. When a CPU has left VMX by itself, or a
 * fault has hit root, a record says why; this is who reads it.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/workqueue.h>

#include "health.h"

#define HEALTH_PERIOD HZ
#define BASIC_REASON_MASK 0xffff

static void health_work_function(struct work_struct *work);
static DECLARE_DEFERRABLE_WORK(health_work, health_work_function);

void health_describe(const struct rm_cpu *c, char *text, size_t bytes)
{
	const struct visor_fault *fault = &c->public->fault;

	*text = '\0';
	/* written before it is made valid */
	if (!smp_load_acquire(&fault->valid))
		return;
	switch ((enum visor_fault_kind)fault->kind) {
	case VISOR_FAULT_NONE:
		break;
	case VISOR_FAULT_ROOT:
		scnprintf(text, bytes, "exception %u in root at %pS, error code %#llx, CR2 %#llx",
			  fault->vector, (void *)(unsigned long)fault->rip, fault->error_code,
			  fault->cr2);
		break;
	case VISOR_FAULT_EXIT:
		scnprintf(text, bytes, "VM exit without an answer: %s, qualification %#llx, RIP %#llx",
			  visor_exit_reason_text(fault->exit_reason & BASIC_REASON_MASK),
			  fault->qualification, fault->rip);
		break;
	case VISOR_FAULT_ENTRY:
		scnprintf(text, bytes, "VM entry failed: %s (instruction error %u, exit reason %#x)",
			  visor_entry_rule_text(fault->rule), fault->instruction_error,
			  fault->exit_reason);
		break;
	case VISOR_FAULT_INIT:
		scnprintf(text, bytes, "an INIT from outside, while Linux was at %pS",
			  (void *)(unsigned long)fault->rip);
		break;
	case VISOR_FAULT_VMXOFF:
		scnprintf(text, bytes, "%s", visor_status_text(VISOR_VMXOFF_FAILED));
		break;
	case VISOR_FAULT_VMX:
		scnprintf(text, bytes, "a VMX instruction failed, error %u, after %s",
			  fault->instruction_error,
			  visor_exit_reason_text(fault->exit_reason & BASIC_REASON_MASK));
		break;
	}
}

static const char *consequence(const struct rm_cpu *c)
{
	if (c->public->fault.kind == VISOR_FAULT_INIT)
		return "it left VMX and waits for a start-up IPI; Linux does not know that: restart the machine";
	switch (rm_cpu_state(c)) {
	case VISOR_CPU_NATIVE:
		return "it left VMX and runs Linux natively";
	case VISOR_CPU_BROKEN:
		return "it has stopped in root";
	default:
		return "it goes on";
	}
}

static void report_fault(struct rm_cpu *c)
{
	char text[160];

	/* written before it is made valid */
	if (c->fault_reported || !smp_load_acquire(&c->public->fault.valid))
		return;
	c->fault_reported = true;
	health_describe(c, text, sizeof(text));
	pr_warn("CPU %u: %s; %s\n", c->number, text, consequence(c));
}

static void report_stray_writes(struct rm_cpu *c)
{
	u64 count = READ_ONCE(c->public->stray_writes);

	if (count == c->stray_writes_reported)
		return;
	pr_warn("CPU %u: %llu stray writes to the visor's memory, the last one to %#llx from %pS\n",
		c->number, count - c->stray_writes_reported, c->public->stray_physical,
		(void *)(unsigned long)c->public->stray_rip);
	c->stray_writes_reported = count;
}

static void report_stray_inits(struct rm_cpu *c)
{
	u64 count = READ_ONCE(c->public->stray_inits);

	if (count == c->stray_inits_reported)
		return;
	pr_warn("CPU %u: %llu INITs from outside, ignored: Linux was at work there\n", c->number,
		count - c->stray_inits_reported);
	c->stray_inits_reported = count;
}

static void health_work_function(struct work_struct *work)
{
	struct rm_cpu *c;
	unsigned int cpu;

	for_each_rm_cpu(c, cpu) {
		report_fault(c);
		report_stray_writes(c);
		report_stray_inits(c);
	}
	schedule_delayed_work(&health_work, HEALTH_PERIOD);
}

int health_init(void)
{
	schedule_delayed_work(&health_work, HEALTH_PERIOD);
	return 0;
}

void health_exit(void)
{
	cancel_delayed_work_sync(&health_work);
	/* What happened since the last look, and during the leave. */
	health_work_function(NULL);
	cancel_delayed_work_sync(&health_work);
}
