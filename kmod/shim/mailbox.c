// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands to a CPU that is parked in root, and what it answers. The protocol:
 * Linux writes arguments while `command` is NONE, stores the command with
 * release, and reads results after it is NONE again.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/iopoll.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/msr.h>

#include "ipi.h"
#include "mailbox.h"
#include "report.h"
#include "ring.h"

#define ANSWER_TIMEOUT_US (2 * USEC_PER_SEC)
#define STOP_TRIES 50
#define STOP_TRY (HZ / 10 ?: 1)
#define SPIN_TRIES 2000

static bool command_done(const struct rm_cpu *c)
{
	/* the answer was there before the command was cleared */
	return smp_load_acquire(&c->public->command) == VISOR_COMMAND_NONE;
}

static bool broken(const struct rm_cpu *c)
{
	return rm_cpu_state(c) == VISOR_CPU_BROKEN;
}

bool mailbox_run_done(const struct rm_cpu *c)
{
	if (!c->run_posted || broken(c))
		return true;
	/* the stop was described before it was numbered */
	if (smp_load_acquire(&c->public->stop_sequence) != c->run_sequence)
		return true;
	/* Refused before it began. */
	return command_done(c) && READ_ONCE(c->public->command_status) != VISOR_OK;
}

static bool idle(const struct rm_cpu *c)
{
	return mailbox_run_done(c) && command_done(c) && rm_cpu_state(c) == VISOR_CPU_PARKED;
}

static bool idle_or_broken(const struct rm_cpu *c)
{
	return idle(c) || broken(c);
}

static bool answered(const struct rm_cpu *c)
{
	return command_done(c) || broken(c);
}

/* Refused: an answer with a status. Otherwise the CPU does not come back to the command loop. */
static bool left_or_refused(const struct rm_cpu *c)
{
	return rm_cpu_state(c) == VISOR_CPU_NATIVE || rm_cpu_state(c) == VISOR_CPU_LINUX || broken(c) ||
	       (command_done(c) && READ_ONCE(c->public->command_status) != VISOR_OK);
}

/* For an answer that did not come at once. */
static int sleep_for(const struct rm_cpu *c, bool (*condition)(const struct rm_cpu *))
{
	bool seen;

	return read_poll_timeout(condition, seen, seen, 100, ANSWER_TIMEOUT_US, false, c);
}

/* An answer takes about a microsecond; sleeping, and looking at the clock, is for one that doesn't come. */
static int wait_for(const struct rm_cpu *c, bool (*condition)(const struct rm_cpu *))
{
	unsigned int tries = SPIN_TRIES;
	bool seen;
	int r;

	while (!(seen = condition(c)) && --tries)
		cpu_relax();
	r = seen ? 0 : sleep_for(c, condition);
	if (r)
		pr_err("CPU %u does not answer (state %u, command %u)\n", c->number,
		       rm_cpu_state(c), READ_ONCE(c->public->command));
	else if (broken(c))
		r = -EIO;
	return r;
}

static int wait_idle(struct rm_cpu *c)
{
	u32 state;

	if (likely(idle(c)))
		return 0;
	state = rm_cpu_state(c);
	if (state == VISOR_CPU_BROKEN)
		return -EIO;
	if (state != VISOR_CPU_PARKED && state != VISOR_CPU_RUNNING)
		return -ENXIO;
	if (!mailbox_run_done(c))
		return -EBUSY;
	return wait_for(c, idle_or_broken);
}

static void post(struct rm_cpu *c, enum visor_command command)
{
	WRITE_ONCE(c->public->command_status, VISOR_OK);
	/* who sees the command sees its arguments */
	smp_store_release(&c->public->command, command);
}

/* Under the mailbox mutex, after wait_idle(). */
static int execute(struct rm_cpu *c, enum visor_command command)
{
	int r;

	post(c, command);
	r = wait_for(c, answered);
	return r ?: report_errno(READ_ONCE(c->public->command_status));
}

int mailbox_reset(struct rm_cpu *c, const struct mailbox_vcpu *vcpu)
{
	int r;

	mutex_lock(&c->mailbox);
	r = wait_idle(c);
	if (!r) {
		c->public->ept_pointer = vcpu->ept_pointer;
		c->public->io_bitmap = vcpu->io_bitmap;
		c->public->vm = vcpu->vm;
		c->public->vcpu_id = vcpu->id;
		c->public->apic = vcpu->apic;
		c->public->bootstrap = vcpu->bootstrap;
		r = execute(c, VISOR_COMMAND_RESET);
	}
	mutex_unlock(&c->mailbox);
	return r;
}

int mailbox_get_group(struct rm_cpu *c, enum visor_group group, void *data, size_t bytes)
{
	int r;

	mutex_lock(&c->mailbox);
	r = wait_idle(c);
	if (!r) {
		WRITE_ONCE(c->public->group, group);
		r = execute(c, VISOR_COMMAND_GET_STATE);
	}
	if (!r)
		memcpy(data, &c->public->group_data, bytes);
	mutex_unlock(&c->mailbox);
	return r;
}

int mailbox_set_group(struct rm_cpu *c, enum visor_group group, const void *data, size_t bytes)
{
	int r;

	mutex_lock(&c->mailbox);
	r = wait_idle(c);
	if (!r) {
		memcpy(&c->public->group_data, data, bytes);
		WRITE_ONCE(c->public->group, group);
		r = execute(c, VISOR_COMMAND_SET_STATE);
	}
	mutex_unlock(&c->mailbox);
	return r;
}

/* The MSRS group moves both ways: which MSRs in, how many of them were done out. */
int mailbox_move_msrs(struct rm_cpu *c, enum visor_command command, struct visor_msrs *msrs)
{
	int r;

	mutex_lock(&c->mailbox);
	r = wait_idle(c);
	if (!r) {
		c->public->group_data.msrs = *msrs;
		WRITE_ONCE(c->public->group, VISOR_GROUP_MSRS);
		r = execute(c, command);
	}
	if (!r)
		*msrs = c->public->group_data.msrs;
	mutex_unlock(&c->mailbox);
	return r;
}

int mailbox_give_back(struct rm_cpu *c)
{
	int r;

	mutex_lock(&c->mailbox);
	r = wait_idle(c);
	if (!r) {
		post(c, VISOR_COMMAND_GIVE_BACK);
		r = wait_for(c, left_or_refused) ?:
		    report_errno(READ_ONCE(c->public->command_status));
		if (!r && rm_cpu_state(c) == VISOR_CPU_LINUX)
			r = report_failure("giving a CPU back", VISOR_VMXOFF_FAILED);
	}
	mutex_unlock(&c->mailbox);
	return r;
}

int mailbox_run(struct rm_cpu *c, const struct visor_run_args *args)
{
	int r;

	mutex_lock(&c->mailbox);
	r = wait_idle(c);
	if (!r) {
		c->public->run = *args;
		c->run_sequence = READ_ONCE(c->public->stop_sequence);
		c->run_posted = true;
		mailbox_poll(c);
		post(c, VISOR_COMMAND_RUN);
	}
	mutex_unlock(&c->mailbox);
	return r;
}

int mailbox_stop(struct rm_cpu *c, struct visor_stop *stop)
{
	int r;

	mutex_lock(&c->mailbox);
	r = wait_idle(c);
	/* the stop was described before it was numbered */
	if (!r && smp_load_acquire(&c->public->stop_sequence) == c->run_sequence)
		r = report_errno(READ_ONCE(c->public->command_status)) ?: -EIO;
	if (!r)
		*stop = c->public->stop;
	c->run_posted = false;
	mutex_unlock(&c->mailbox);
	return r;
}

void mailbox_poll(struct rm_cpu *c)
{
	WRITE_ONCE(c->public->owner_polls, 1);
}

void mailbox_want_doorbell(struct rm_cpu *c)
{
	WRITE_ONCE(c->public->owner_polls, 0);
	/* Pairs with the visor's: it sees this, or the look that follows sees the stop. */
	smp_mb();
}

void mailbox_kick(struct rm_cpu *c)
{
	WRITE_ONCE(c->public->kick_time, rdtsc());
	WRITE_ONCE(c->public->kick, 1);
	/* The flag stays until it is seen; the NMI only makes the CPU look. */
	smp_mb();
	ipi_send_nmi(c->number);
}

bool mailbox_answers(struct rm_cpu *c)
{
	mailbox_kick(c);
	return idle(c);
}

int mailbox_kick_and_wait(struct rm_cpu *c)
{
	unsigned int tries;

	mailbox_want_doorbell(c);
	for (tries = 0; tries < STOP_TRIES; tries++) {
		mailbox_kick(c);
		if (wait_event_timeout(c->stopped, mailbox_run_done(c), STOP_TRY))
			return 0;
	}
	pr_err("CPU %u: the guest does not stop; last exit: %s\n", c->number, ring_last_exit(c));
	return -ETIMEDOUT;
}
