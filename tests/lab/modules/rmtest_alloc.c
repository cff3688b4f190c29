// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocations that fail, on kernels that have no failslab of their own: kprobes
 * at the places where failslab asks, should_failslab() of SLUB, and in front of
 * the page allocator. To alloc is written
 *
 *   module NAME N   at each load of the module, from before its init function on:
 *                   the N-th allocation of the task that loads it fails
 *   task N          the N-th one of the writing task, from now on
 *   off             no more
 *
 * N counts from 1; with 0 nothing fails. Read, it tells how many there were since
 * the start, and whether one of them has failed.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/objtool.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/linkage.h>

#include "rmtest.h"

static char module_name[MODULE_NAME_LEN];
static struct task_struct *victim;	/* never looked into: another one may be there meanwhile */
static unsigned int wanted, seen;
static bool has_failed;

/* Where a probed function goes on that shall not run. */
asm(".pushsection .text\n"
	".type rmtest_return, @function\n"
	".globl rmtest_return\n"
	"rmtest_return:\n"
	ANNOTATE_NOENDBR
	ASM_RET
	".size rmtest_return, . - rmtest_return\n"
	".popsection\n");

/*
 * Whether what the probe has interrupted is a task. Without ftrace in the kernel a probe is an INT3, which counts
 * as an NMI; a real NMI allocates nothing.
 */
static bool hit_task(void)
{
	unsigned int count = preempt_count();

	if (count & NMI_MASK)
		count -= NMI_OFFSET + HARDIRQ_OFFSET;
	return !(count & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET));
}

static int fail(struct pt_regs *regs, gfp_t flags, unsigned long result)
{
	if (current != READ_ONCE(victim) || !hit_task() || flags & __GFP_NOFAIL)
		return 0;
	if (++seen != wanted)
		return 0;
	has_failed = true;
	regs->ax = result;
	instruction_pointer_set(regs, (unsigned long)rmtest_return);
	return 1;
}

/* should_failslab(cache, flags): an error keeps SLUB from the allocation. */
static int before_object(struct kprobe *probe, struct pt_regs *regs)
{
	return fail(regs, regs->si, -ENOMEM);
}

/* __alloc_pages(flags, order, node, mask). */
static int before_pages(struct kprobe *probe, struct pt_regs *regs)
{
	return fail(regs, regs->di, 0);
}

/* With one the probe may change where the function goes on. */
static void after(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe probes[] = {
	{ .symbol_name = "should_failslab", .pre_handler = before_object, .post_handler = after },
	{ .symbol_name = "__alloc_pages", .pre_handler = before_pages, .post_handler = after },
};
static bool probed;

static void begin(void)
{
	seen = 0;
	has_failed = false;
	WRITE_ONCE(victim, current);
}

static int module_event(struct notifier_block *block, unsigned long event, void *module)
{
	if (*module_name && !strcmp(((struct module *)module)->name, module_name)) {
		if (event == MODULE_STATE_COMING)
			begin();
		else
			WRITE_ONCE(victim, NULL);
	}
	return NOTIFY_DONE;
}

/* The last: what others do when a module comes is not the module's. */
static struct notifier_block module_block = { .notifier_call = module_event, .priority = INT_MIN };

static int start(void)
{
	int r;
	size_t i;

	if (probed)
		return 0;
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		r = register_kprobe(&probes[i]);
		if (r) {
			pr_err("rmtest: no probe at %s: %d\n", probes[i].symbol_name, r);
			while (i--)
				unregister_kprobe(&probes[i]);
			return r;
		}
	}
	register_module_notifier(&module_block);
	probed = true;
	return 0;
}

void alloc_stop(void)
{
	size_t i;

	if (!probed)
		return;
	unregister_module_notifier(&module_block);
	for (i = 0; i < ARRAY_SIZE(probes); i++)
		unregister_kprobe(&probes[i]);
	probed = false;
}

static ssize_t alloc_write(struct file *file, const char __user *buffer, size_t count, loff_t *offset)
{
	char text[MODULE_NAME_LEN + 24] = "", name[MODULE_NAME_LEN];
	unsigned int number;
	int r;

	WRITE_ONCE(victim, NULL);
	*module_name = 0;
	if (count >= sizeof(text) || copy_from_user(text, buffer, count))
		return -EINVAL;
	if (!strcmp(strim(text), "off"))
		return count;
	r = start();
	if (r)
		return r;
	if (sscanf(text, "module %55s %u", name, &number) == 2) {
		wanted = number;
		strscpy(module_name, name, sizeof(module_name));
	} else if (sscanf(text, "task %u", &number) == 1) {
		wanted = number;
		begin();
	} else {
		return -EINVAL;
	}
	return count;
}

static int alloc_show(struct seq_file *file, void *unused)
{
	seq_printf(file, "seen %u failed %u\n", seen, has_failed);
	return 0;
}

static int alloc_open(struct inode *inode, struct file *file)
{
	return single_open(file, alloc_show, NULL);
}

const struct file_operations alloc_fops = {
	.owner = THIS_MODULE,
	.open = alloc_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
	.write = alloc_write,
};
