// SPDX-License-Identifier: GPL-2.0-only
/*
 * SMIs, for an emulator whose firmware leaves the SMBASE of all CPUs but the
 * first where it is after a reset: a handler of our own goes there, which counts
 * and returns. Written to smi:
 *
 *   "ipi CPU COUNT GAP"   SMI IPIs to CPU (not the first one), each after the one
 *                         before was taken and a random time of up to GAP loops
 *   "hit CPU COUNT GAP"   the same until COUNT of them have met a guest without
 *                         paging; after one that met something else this thread
 *                         sleeps, so that the guest's owner gets its turn
 *   "burst CPU COUNT GAP" as ipi without waiting: two may become one
 *   "port COUNT"          the chipset's: by port B2h, to CPU 0, where the
 *                         firmware's own handler runs
 *   "hold CPU"            one whose handler does not return
 *   "release"             until now
 *
 * Reading shows the last run: SMIs that were sent and taken, taken while CR0.PG
 * was 0, longest and mean time from command to handler in TSC ticks.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <asm/apicdef.h>
#include <asm/msr.h>

#include "ipi.h"
#include "rmtest.h"

/*
 * SMBASE 30000h (SDM: SMBASE Relocation): code at 38000h, and above it the
 * words that it works with. Linux gives the first megabyte to nobody.
 */
#define HANDLER 0x38000
#define SMI_COUNT 0x100
#define SMI_HOLD 0x104
/* Where Bochs saves CR0: AMD's layout. */
#define SAVED_CR0 0x7f58

#define SMI_COMMAND (APIC_DM_SMI | APIC_INT_ASSERT | APIC_DEST_PHYSICAL)
#define APM_PORT 0xb2
#define OTHER_PORT 0x80
#define SHORTEST_HANDLER 10
/* After so many ticks an SMI counts as lost. */
#define LOST_TICKS 50000000ULL
#define MAX_SMIS 1000000U
/* So long "hit" goes on after the last one that met the guest. */
#define HIT_PATIENCE (20 * HZ)

/* 16-bit code; DS has base 0 and a limit of 4 GiB. */
static const u8 handler[] = {
	0x67, 0x66, 0xf0, 0xff, 0x05, 0x00, 0x81, 0x03, 0x00, /* lock inc dword [38100h] */
	0x67, 0x66, 0x83, 0x3d, 0x04, 0x81, 0x03, 0x00, 0x00, /* cmp dword [38104h], 0 */
	0x75, 0xf5,					      /* jne to the cmp */
	0x0f, 0xaa,					      /* rsm */
};

static struct {
	unsigned int sent, taken, unpaged, lost;
	u64 worst, sum;
} result;

static DEFINE_MUTEX(running);
static void *memory;

static u32 smi_count(void)
{
	/* what the handler wrote is there before it counts */
	return smp_load_acquire((u32 *)(memory + SMI_COUNT));
}

static void put_handler(void)
{
	memory = phys_to_virt(HANDLER);
	memcpy(memory, handler, sizeof(handler));
	WRITE_ONCE(*(u32 *)(memory + SMI_COUNT), 0);
	WRITE_ONCE(*(u32 *)(memory + SMI_HOLD), 0);
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

/* Interrupts off: nothing of ours comes between the command and the look at the clock. */
static void send_and_wait(unsigned int cpu)
{
	u32 before = smi_count();
	u64 start = rdtsc(), end;

	result.sent++;
	ipi_send(cpu, SMI_COMMAND);
	do
		end = rdtsc();
	while (smi_count() == before && end - start < LOST_TICKS);
	if (smi_count() == before) {
		result.lost++;
		return;
	}
	result.taken++;
	if (!(READ_ONCE(*(u32 *)(memory + SAVED_CR0)) & X86_CR0_PG))
		result.unpaged++;
	result.sum += end - start;
	result.worst = max(result.worst, end - start);
}

static int send_ipis(unsigned int cpu, unsigned int count, unsigned int gap, bool wait)
{
	u32 random = 7, before = smi_count();

	while (count-- && !signal_pending(current)) {
		unsigned long flags;

		local_irq_save(flags);
		if (wait) {
			send_and_wait(cpu);
		} else {
			result.sent++;
			ipi_send(cpu, SMI_COMMAND);
		}
		local_irq_restore(flags);
		loops(next_random(&random) % (gap + 1));
		cond_resched();
	}
	if (!wait) {
		mdelay(1);
		result.taken = smi_count() - before;
	}
	return 0;
}

static int send_until_hit(unsigned int cpu, unsigned int count, unsigned int gap)
{
	unsigned long end = jiffies + HIT_PATIENCE;
	u32 random = 7;

	while (result.unpaged < count && !result.lost) {
		unsigned int before = result.unpaged;
		unsigned long flags;

		if (signal_pending(current))
			return -EINTR;
		if (time_after(jiffies, end))
			return -ETIME;
		local_irq_save(flags);
		send_and_wait(cpu);
		local_irq_restore(flags);
		if (result.unpaged != before)
			end = jiffies + HIT_PATIENCE;
		else
			usleep_range(200, 400);
		loops(next_random(&random) % (gap + 1));
		cond_resched();
	}
	return result.lost ? -EIO : 0;
}

static u64 time_of_write(u16 port)
{
	unsigned long flags;
	u64 start, end;

	local_irq_save(flags);
	start = rdtsc_ordered();
	outb(0, port);
	end = rdtsc_ordered();
	local_irq_restore(flags);
	return end - start;
}

/*
 * The firmware's handler leaves no trace but the time that it takes; an SMI that
 * comes after the second look at the clock is not seen.
 */
static int send_by_port(unsigned int count)
{
	u64 quick = time_of_write(OTHER_PORT);

	while (count-- && !signal_pending(current)) {
		u64 ticks = time_of_write(APM_PORT);

		result.sent++;
		result.taken += ticks > quick + SHORTEST_HANDLER;
		result.sum += ticks;
		result.worst = max(result.worst, ticks);
		loops(count % 64);
		cond_resched();
	}
	return 0;
}

static int hold(unsigned int cpu)
{
	unsigned long flags;

	WRITE_ONCE(*(u32 *)(memory + SMI_HOLD), 1);
	local_irq_save(flags);
	send_and_wait(cpu);
	local_irq_restore(flags);
	return result.lost ? -EIO : 0;
}

static int release(void)
{
	WRITE_ONCE(*(u32 *)(memory + SMI_HOLD), 0);
	return 0;
}

static bool is_target(unsigned int cpu)
{
	return cpu && cpu < nr_cpu_ids && cpu_present(cpu) && cpu != raw_smp_processor_id();
}

static int run(const char *text)
{
	unsigned int cpu, count, gap;

	memset(&result, 0, sizeof(result));
	if (sscanf(text, "ipi %u %u %u", &cpu, &count, &gap) == 3)
		return is_target(cpu) && count <= MAX_SMIS ? send_ipis(cpu, count, gap, true) : -EINVAL;
	if (sscanf(text, "hit %u %u %u", &cpu, &count, &gap) == 3)
		return is_target(cpu) && count <= MAX_SMIS ? send_until_hit(cpu, count, gap) : -EINVAL;
	if (sscanf(text, "burst %u %u %u", &cpu, &count, &gap) == 3)
		return is_target(cpu) && count <= MAX_SMIS ? send_ipis(cpu, count, gap, false) : -EINVAL;
	if (sscanf(text, "port %u", &count) == 1)
		return count <= MAX_SMIS ? send_by_port(count) : -EINVAL;
	if (sscanf(text, "hold %u", &cpu) == 1)
		return is_target(cpu) ? hold(cpu) : -EINVAL;
	return sysfs_streq(text, "release") ? release() : -EINVAL;
}

static ssize_t smi_write(struct file *file, const char __user *buffer, size_t count, loff_t *offset)
{
	char text[48] = "";
	int r;

	if (count >= sizeof(text) || copy_from_user(text, buffer, count))
		return -EINVAL;
	mutex_lock(&running);
	if (!memory)
		put_handler();
	r = run(text);
	mutex_unlock(&running);
	return r ? r : count;
}

static int smi_show(struct seq_file *file, void *unused)
{
	seq_printf(file, "sent %u taken %u unpaged %u lost %u worst %llu mean %llu\n", result.sent,
		   result.taken, result.unpaged, result.lost, result.worst,
		   result.taken ? div_u64(result.sum, result.taken) : 0);
	return 0;
}

static int smi_open(struct inode *inode, struct file *file)
{
	return single_open(file, smi_show, NULL);
}

const struct file_operations smi_fops = {
	.owner = THIS_MODULE,
	.open = smi_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
	.write = smi_write,
};
