// SPDX-License-Identifier: GPL-2.0-only
/*
 * Forced failures: debugfs rmvisor/fault lists them. "NAME" written to it
 * strikes the CPU that writes; launch_fault=NAME:CPU strikes during insmod.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../fault_abi.h"
#include "fault.h"
#include "launch.h"

/* Longer than pre-flight waits. */
#define HOLD_MS 7000

static char *launch_fault = "";
module_param(launch_fault, charp, 0444);
MODULE_PARM_DESC(launch_fault, "NAME:CPU of a failure to force at load");

static const struct {
	const char *name;
	const char *what;
} faults[VISOR_INJECT_COUNT] = {
	[VISOR_INJECT_ABSENT] = { "absent", "load: the CPU does not answer pre-flight" },
	[VISOR_INJECT_VMXON] = { "vmxon", "load: VMXON fails" },
	[VISOR_INJECT_VMCLEAR] = { "vmclear", "load: VMCLEAR fails" },
	[VISOR_INJECT_VMPTRLD] = { "vmptrld", "load: VMPTRLD fails" },
	[VISOR_INJECT_INVEPT] = { "invept", "load: INVEPT fails" },
	[VISOR_INJECT_VMWRITE] = { "vmwrite", "load: VMWRITE of a field fails" },
	[VISOR_INJECT_LAUNCH_CONTROL] = { "launch-control", "load: VMLAUNCH fails, error 7" },
	[VISOR_INJECT_LAUNCH_HOST] = { "launch-host", "load: VMLAUNCH fails, error 8" },
	[VISOR_INJECT_LAUNCH_GUEST] = { "launch-guest", "load: the entry fails, reason 33" },
	[VISOR_INJECT_UNKNOWN_EXIT] = { "unknown-exit", "an exit with reason 200" },
	[VISOR_INJECT_UNEXPECTED_EXIT] = { "unexpected-exit", "an exit by HLT" },
	[VISOR_INJECT_USER_EXIT] = { "user-exit", "the next exit of a program has reason 200" },
	[VISOR_INJECT_VMREAD] = { "vmread", "VMREAD of a field fails" },
	[VISOR_INJECT_LOST_VMCS] = { "lost-vmcs", "no VMCS is current" },
	[VISOR_INJECT_ENTRY_CONTROL] = { "entry-control", "the entry fails, error 7" },
	[VISOR_INJECT_ENTRY_HOST] = { "entry-host", "the entry fails, error 8" },
	[VISOR_INJECT_ENTRY_GUEST] = { "entry-guest", "the entry fails, reason 33" },
	[VISOR_INJECT_LEAVE_HOST] = { "leave-host", "leaving, the last entry fails, error 8" },
	[VISOR_INJECT_LEAVE_GUEST] = { "leave-guest", "leaving, the last entry fails, reason 33" },
	[VISOR_INJECT_PAGE_FAULT] = { "page-fault", "root reads what is not mapped" },
	[VISOR_INJECT_UNDEFINED] = { "undefined", "root executes UD2" },
	[VISOR_INJECT_STACK_GUARD] = { "stack-guard", "root writes below its stack" },
	[VISOR_INJECT_MACHINE_CHECK] = { "machine-check", "a machine check in root (INT 18)" },
	[VISOR_INJECT_MACHINE_CHECK_LEAVE] = { "machine-check-leave",
					       "a machine check in root, which then leaves" },
	[VISOR_INJECT_SECOND_FAULT] = { "second-fault",
					"root reads what is not mapped, and faults again leaving" },
	[VISOR_INJECT_VMXOFF] = { "vmxoff", "the next VMXOFF of the CPU fails" },
};

static u32 find(const char *name, size_t length)
{
	u32 i;

	for (i = 1; i < ARRAY_SIZE(faults); i++)
		if (strlen(faults[i].name) == length && !strncmp(faults[i].name, name, length))
			return i;
	return VISOR_INJECT_NONE;
}

static bool parse_parameter(u32 *fault, unsigned int *cpu)
{
	const char *colon = strchr(launch_fault, ':');

	if (!colon || kstrtouint(colon + 1, 10, cpu) || *cpu >= nr_cpu_ids || !cpu_possible(*cpu))
		return false;
	*fault = find(launch_fault, colon - launch_fault);
	return *fault != VISOR_INJECT_NONE;
}

int fault_check_parameter(void)
{
	unsigned int cpu;
	u32 fault;

	if (!*launch_fault || parse_parameter(&fault, &cpu))
		return 0;
	pr_err("launch_fault=%s is not NAME:CPU\n", launch_fault);
	return -EINVAL;
}

static void hold(void *held)
{
	atomic_set(held, 1);
	mdelay(HOLD_MS);
}

void fault_hold_cpu(void)
{
	static atomic_t held;
	unsigned int cpu;
	u32 fault;

	atomic_set(&held, 0);
	if (!parse_parameter(&fault, &cpu) || fault != VISOR_INJECT_ABSENT)
		return;
	if (cpu == raw_smp_processor_id() || smp_call_function_single(cpu, hold, &held, 0))
		return;
	while (!atomic_read(&held))
		cpu_relax();
}

void fault_arm_launch(void)
{
	unsigned int cpu;
	u32 fault;

	if (parse_parameter(&fault, &cpu))
		visor_fault_at_launch(rm_cpus[cpu]->visor, fault);
}

static unsigned int late_take_ms;

void fault_take_late(void)
{
	msleep(xchg(&late_take_ms, 0));
}

/* ---- debugfs ----------------------------------------------------------- */

static int list_show(struct seq_file *file, void *unused)
{
	u32 i;

	for (i = 1; i < ARRAY_SIZE(faults); i++)
		seq_printf(file, "%-20s %s\n", faults[i].name, faults[i].what);
	seq_puts(file, "no-doorbell          root rings nobody, until Linux moves the interrupt\n"
		 "late-take N          the next CPU that is taken goes offline N ms later\n"
		 "relaunch N           leave and launch N times\n"
		 "delay N              N loops between the last test for NMIs and each entry\n");
	return 0;
}

static int list_open(struct inode *inode, struct file *file)
{
	return single_open(file, list_show, NULL);
}

static int relaunch(unsigned int times)
{
	int r = 0;

	while (times-- && !r) {
		preempt_disable();
		r = launch_again_here();
		preempt_enable();
		cond_resched();
	}
	return r;
}

static int delay(unsigned int loops)
{
	int r;

	preempt_disable();
	r = visor_fault_delay(loops) ? -EBUSY : 0;
	preempt_enable();
	return r;
}

/* As it is before the doorbell has a place. */
static int lose_doorbell(void)
{
	struct rm_cpu *c;
	unsigned int cpu;

	for_each_rm_cpu(c, cpu)
		WRITE_ONCE(c->public->doorbell_vector, 0);
	return 0;
}

static int take_late(unsigned int milliseconds)
{
	WRITE_ONCE(late_take_ms, milliseconds);
	return 0;
}

static int strike(const char *name)
{
	u32 fault = find(name, strlen(name));
	int r = -EBUSY;

	if (fault < VISOR_INJECT_UNKNOWN_EXIT)
		return -EINVAL;
	preempt_disable();
	if (rm_cpu_state(rm_cpus[smp_processor_id()]) == VISOR_CPU_LINUX) {
		visor_fault_now(fault);
		r = 0;
	}
	preempt_enable();
	return r;
}

static ssize_t fault_write(struct file *file, const char __user *buffer, size_t count, loff_t *offset)
{
	char text[40] = "";
	unsigned int number;
	char *name;
	int r;

	if (count >= sizeof(text) || copy_from_user(text, buffer, count))
		return -EINVAL;
	name = strim(text);
	if (sscanf(name, "relaunch %u", &number) == 1)
		r = relaunch(number);
	else if (sscanf(name, "delay %u", &number) == 1)
		r = delay(number);
	else if (sscanf(name, "late-take %u", &number) == 1)
		r = take_late(number);
	else if (!strcmp(name, "no-doorbell"))
		r = lose_doorbell();
	else
		r = strike(name);
	return r ? r : count;
}

static const struct file_operations fault_fops = {
	.owner = THIS_MODULE,
	.open = list_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
	.write = fault_write,
};

/* "KIND PHYSICAL" of the first CPU's pages and of what all share. */
static int pages_show(struct seq_file *file, void *unused)
{
	struct visor_protected_page pages[VISOR_PROTECTED_KINDS] = { };
	u32 i;

	visor_fault_pages(rm_cpus[0]->visor, pages);
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		seq_printf(file, "%s %#llx\n", pages[i].kind, pages[i].phys);
	return 0;
}

DEFINE_SHOW_ATTRIBUTE(pages);

void fault_debugfs(struct dentry *root)
{
	debugfs_create_file("fault", 0600, root, NULL, &fault_fops);
	debugfs_create_file("pages", 0400, root, NULL, &pages_fops);
}

void fault_show(struct seq_file *file, const struct rm_cpu *c)
{
	seq_printf(file, "cpu%u: nmi_in_window %llu\n", c->number,
		   READ_ONCE(c->public->nmi_in_window));
}
