// SPDX-License-Identifier: GPL-2.0-only
/*
 * "CPU COUNT" written to nmi: the CPU that writes sends NMIs to the other one,
 * which does nothing but CPUID, of a leaf that entry.S answers and of one that
 * C++ answers, and loops of random length, some so long that an NMI which waited
 * for the next exit would be late; it waits for each before it sends the next.
 * Reading shows the result of the last run: latencies in TSC ticks from the
 * command to Linux's handler.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <asm/msr.h>
#include <asm/nmi.h>
#include <asm/processor.h>

#include "ipi.h"
#include "rmtest.h"

/* After so many ticks an NMI counts as lost. */
#define LOST_TICKS 50000000ULL
#define GAP_LOOPS 512
#define WORK_LOOPS 300
#define LONG_WORK_LOOPS 6000
#define MAX_NMIS 10000000U

static struct {
	unsigned int sent, seen, lost, extra;
	u64 worst, sum;
} result;

static DEFINE_MUTEX(running);
static unsigned int target;
static atomic_t outstanding;
static u64 handled_at;

static int count_nmi(unsigned int type, struct pt_regs *regs)
{
	if (smp_processor_id() != target)
		return NMI_DONE;
	if (!atomic_xchg(&outstanding, 0)) {
		result.extra++;
		return NMI_DONE;
	}
	/* the counts above are what the sender then reads */
	smp_store_release(&handled_at, rdtsc());
	return NMI_HANDLED;
}

static u32 next_random(u32 *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void loops(u32 count)
{
	while (count--)
		cpu_relax();
}

static int exit_all_the_time(void *unused)
{
	u32 random = 1;

	while (!kthread_should_stop()) {
		int i;

		for (i = 0; i < 100; i++) {
			u32 number = next_random(&random);

			cpuid_eax(i & 1);
			loops(number % (number >> 21 ? WORK_LOOPS : LONG_WORK_LOOPS));
		}
		cond_resched();
	}
	return 0;
}

/* Interrupts off: nothing of ours comes between the command and the look at the clock. */
static void send_one(void)
{
	u64 start, end;

	handled_at = 0;
	atomic_set_release(&outstanding, 1);
	result.sent++;
	start = rdtsc();
	ipi_send_nmi(target);
	/* with the handler's counts */
	while (!(end = smp_load_acquire(&handled_at)) && rdtsc() - start < LOST_TICKS)
		cpu_relax();
	if (!end) {
		result.lost++;
		return;
	}
	result.seen++;
	result.sum += end - start;
	result.worst = max(result.worst, end - start);
}

static void storm(unsigned int count)
{
	u32 random = 7;
	unsigned long flags;

	while (count-- && !signal_pending(current)) {
		local_irq_save(flags);
		send_one();
		local_irq_restore(flags);
		loops(next_random(&random) % GAP_LOOPS);
		cond_resched();
	}
	/* One that came twice comes now. */
	mdelay(5);
}

static int run(unsigned int cpu, unsigned int count)
{
	struct task_struct *worker;
	int r;

	if (cpu >= nr_cpu_ids || !cpu_online(cpu) || cpu == raw_smp_processor_id() ||
	    count > MAX_NMIS)
		return -EINVAL;
	memset(&result, 0, sizeof(result));
	target = cpu;
	atomic_set(&outstanding, 0);
	worker = kthread_create_on_cpu(exit_all_the_time, NULL, cpu, "rmtest/%u");
	if (IS_ERR(worker))
		return PTR_ERR(worker);
	r = register_nmi_handler(NMI_LOCAL, count_nmi, 0, "rmtest");
	if (!r) {
		wake_up_process(worker);
		msleep(10);
		storm(count);
		unregister_nmi_handler(NMI_LOCAL, "rmtest");
	}
	kthread_stop(worker);
	return r;
}

static ssize_t nmi_write(struct file *file, const char __user *buffer, size_t count, loff_t *offset)
{
	char text[32] = "";
	unsigned int cpu, nmis;
	int r;

	if (count >= sizeof(text) || copy_from_user(text, buffer, count) ||
	    sscanf(text, "%u %u", &cpu, &nmis) != 2)
		return -EINVAL;
	mutex_lock(&running);
	r = run(cpu, nmis);
	mutex_unlock(&running);
	return r ? r : count;
}

static int nmi_show(struct seq_file *file, void *unused)
{
	seq_printf(file, "sent %u seen %u lost %u extra %u worst %llu mean %llu\n", result.sent,
		   result.seen, result.lost, result.extra, result.worst,
		   result.seen ? div_u64(result.sum, result.seen) : 0);
	return 0;
}

static int nmi_open(struct inode *inode, struct file *file)
{
	return single_open(file, nmi_show, NULL);
}

const struct file_operations nmi_fops = {
	.owner = THIS_MODULE,
	.open = nmi_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
	.write = nmi_write,
};
