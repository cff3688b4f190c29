// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a dedicated CPU, seen from Linux: remove_cpu(), parked in root,
 * given back, add_cpu().
 *
 * Lock order: dedicate mutex, then Linux's hotplug locks, then the mailbox
 * mutex. The hotplug callbacks of launch.c take none of ours.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/iopoll.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/isolation.h>

#include "dedicate.h"
#include "fault.h"
#include "ipi.h"
#include "mailbox.h"
#include "silence.h"

#define PARK_TRIES 50
#define PARK_TRY_US (100 * USEC_PER_MSEC)

static DEFINE_MUTEX(dedicate_mutex);
static bool closed;
static bool suspended;

/*
 * CPUs come back on a worker of our own: bringing a CPU up may create kernel
 * threads, which fails in a task that is being killed.
 */
static struct workqueue_struct *give_back_queue;

struct give_back_work {
	struct work_struct work;
	struct rm_cpu *cpu;
	enum rm_cpu_use outcome;
};

int dedicate_init(void)
{
	give_back_queue = alloc_workqueue("rmvisor", WQ_UNBOUND, 0);
	return give_back_queue ? 0 : -ENOMEM;
}

void dedicate_exit(void)
{
	destroy_workqueue(give_back_queue);
}

int dedicate_check(u32 cpu)
{
	/* The boot CPU has duties that no other CPU can have (SDM: MP Initialization). */
	if (cpu == 0 || cpu >= nr_cpu_ids || !cpu_possible(cpu))
		return -EINVAL;
	return 0;
}

static bool usable(unsigned int cpu)
{
	const struct rm_cpu *c = rm_cpus[cpu];

	return cpu_online(cpu) && c->use == RM_CPU_LINUX && rm_cpu_state(c) == VISOR_CPU_LINUX;
}

/*
 * The CPU that ANY stands for, or RMVISOR_CPU_ANY if there is none. An isolated
 * one (isolcpus=) is kept for something: it goes to a guest only by its number.
 */
static u32 choose_cpu(void)
{
	u32 best = RMVISOR_CPU_ANY;
	unsigned int cpu;

	for_each_online_cpu(cpu)
		if (!dedicate_check(cpu) && housekeeping_test_cpu(cpu, HK_TYPE_DOMAIN) &&
		    usable(cpu))
			best = cpu;
	return best;
}

static int check_take(u32 cpu)
{
	int r;

	if (closed)
		return -ESHUTDOWN;
	if (suspended)
		return -EAGAIN;
	if (cpu == RMVISOR_CPU_ANY)
		return -ENODEV;
	r = dedicate_check(cpu);
	if (r)
		return r;
	if (rm_cpus[cpu]->use != RM_CPU_LINUX)
		return -EBUSY;
	if (!cpu_online(cpu) || num_online_cpus() < 2)
		return -ENODEV;
	/* It left VMX after a fault: health.c has said why. */
	return rm_cpu_state(rm_cpus[cpu]) == VISOR_CPU_LINUX ? 0 : -EBUSY;
}

/*
 * A CPU in an unknown state: its memory must never be freed, so the module
 * stays loaded until the machine restarts.
 */
static void mark_lost(struct rm_cpu *c, const char *what)
{
	pr_err("CPU %u %s (state %u); it stays offline until the machine is restarted\n",
	       c->number, what, rm_cpu_state(c));
	WRITE_ONCE(c->use, RM_CPU_LOST);
	__module_get(THIS_MODULE);
}

/*
 * remove_cpu() has returned, so the CPU is on its way into Linux's dead loop
 * or there: any NMI exit from now on parks it.
 */
static int park(struct rm_cpu *c)
{
	unsigned int tries;
	u32 state;

	WRITE_ONCE(c->public->dead, 1);
	smp_mb(); /* the exit that the NMI makes finds the flag */
	for (tries = 0; tries < PARK_TRIES; tries++) {
		ipi_send_nmi(c->number);
		if (!read_poll_timeout(rm_cpu_state, state, state == VISOR_CPU_PARKED, 100,
				       PARK_TRY_US, false, c))
			return 0;
	}
	return -EIO;
}

/* Root to Linux's dead loop, natively. */
static int leave_root(struct rm_cpu *c)
{
	unsigned int tries = 3;
	int r = 0;

	if (rm_cpu_state(c) == VISOR_CPU_NATIVE)
		return 0;
	/* EBUSY: the owner, not yet aware of dedicate_close(), has posted one more RUN. */
	do {
		if (!mailbox_run_done(c))
			r = mailbox_kick_and_wait(c);
		r = r ?: mailbox_give_back(c);
	} while (r == -EBUSY && --tries);
	return r;
}

static void belongs_to_linux(struct rm_cpu *c)
{
	WRITE_ONCE(c->public->dead, 0);
	WRITE_ONCE(c->public->kick, 0);
	WRITE_ONCE(c->use, RM_CPU_LINUX);
}

/*
 * Somebody else offlined the CPU first. If that was after RM_CPU_TAKING, our
 * callback has left it a guest, to be parked; out of Linux's dead loop nobody
 * else would ever make it leave VMX. It can't come online before "use" changes.
 */
static int offlined_by_others(struct rm_cpu *c)
{
	int r = 0;

	c->run_posted = false;
	if (rm_cpu_state(c) == VISOR_CPU_LINUX)
		r = park(c) ?: leave_root(c);
	if (r) {
		mark_lost(c, "was offlined while it was taken and does not leave VMX");
		return r;
	}
	belongs_to_linux(c);
	return -ENODEV;
}

static int take(struct rm_cpu *c)
{
	int r;

	WRITE_ONCE(c->use, RM_CPU_TAKING);
	fault_take_late();
	r = remove_cpu(c->number);
	if (r > 0)
		return offlined_by_others(c);
	if (r) {
		WRITE_ONCE(c->use, RM_CPU_LINUX);
		return -EBUSY;
	}
	r = park(c);
	if (r) {
		mark_lost(c, "was taken but does not park");
		return r;
	}
	c->run_posted = false;
	WRITE_ONCE(c->owner, task_tgid_nr(current));
	c->silent = false;
	WRITE_ONCE(c->use, RM_CPU_TAKEN);
	return 0;
}

struct rm_cpu *dedicate_take(u32 wanted)
{
	struct rm_cpu *c = NULL;
	u32 cpu;
	int r;

	mutex_lock(&dedicate_mutex);
	cpu = wanted == RMVISOR_CPU_ANY ? choose_cpu() : wanted;
	r = check_take(cpu);
	if (!r) {
		c = rm_cpus[cpu];
		r = take(c);
	}
	mutex_unlock(&dedicate_mutex);
	return r ? ERR_PTR(r) : c;
}

/* Nothing that the CPU may still use goes away, the module least of all, until it answers. */
static void wait_for_answer(struct rm_cpu *c)
{
	silence_report(c);
	if (c->use != RM_CPU_SILENT)
		__module_get(THIS_MODULE);
	WRITE_ONCE(c->use, RM_CPU_SILENT);
	queue_delayed_work(give_back_queue, &c->silent_work, HZ);
}

static void give_back(struct rm_cpu *c)
{
	int r = c->silent ? -ETIMEDOUT : leave_root(c);

	if (r == -ETIMEDOUT && rm_cpu_state(c) != VISOR_CPU_BROKEN) {
		wait_for_answer(c);
		return;
	}
	if (r) {
		mark_lost(c, "cannot be given back");
		return;
	}
	belongs_to_linux(c);
	if (closed)
		return;
	r = add_cpu(c->number);
	if (r)
		pr_err("CPU %u is free again, but Linux does not bring it online: error %d\n",
		       c->number, r);
}

static void silent_worker(struct work_struct *work)
{
	struct rm_cpu *c = container_of(to_delayed_work(work), struct rm_cpu, silent_work);
	bool back;

	mutex_lock(&dedicate_mutex);
	if (mailbox_answers(c)) {
		pr_info("CPU %u answers again\n", c->number);
		WRITE_ONCE(c->silent, false);
		give_back(c);
	} else if (!closed) {
		queue_delayed_work(give_back_queue, &c->silent_work, HZ);
	}
	back = c->use == RM_CPU_LINUX;
	mutex_unlock(&dedicate_mutex);
	if (!back)
		return;
	c->silent_done(c->silent_argument);
	module_put(THIS_MODULE);
}

static void give_back_worker(struct work_struct *work)
{
	struct rm_cpu *c = container_of(work, struct give_back_work, work)->cpu;

	mutex_lock(&dedicate_mutex);
	if (c->use == RM_CPU_TAKEN)
		give_back(c);
	/* A silent one may be back before the caller looks. */
	container_of(work, struct give_back_work, work)->outcome = c->use;
	mutex_unlock(&dedicate_mutex);
}

int dedicate_give_back(struct rm_cpu *c, void (*done)(void *), void *argument)
{
	struct give_back_work work = { .cpu = c };

	c->silent_done = done;
	c->silent_argument = argument;
	INIT_DELAYED_WORK(&c->silent_work, silent_worker);
	INIT_WORK_ONSTACK(&work.work, give_back_worker);
	queue_work(give_back_queue, &work.work);
	flush_work(&work.work);
	destroy_work_on_stack(&work.work);
	switch (work.outcome) {
	case RM_CPU_SILENT:
		return -EINPROGRESS;
	case RM_CPU_LOST:
		return -EIO;
	default:
		done(argument);
		return 0;
	}
}

void dedicate_close(void)
{
	struct rm_cpu *c;
	unsigned int cpu;

	mutex_lock(&dedicate_mutex);
	WRITE_ONCE(closed, true);
	for_each_rm_cpu(c, cpu)
		if (c->use == RM_CPU_TAKEN && leave_root(c))
			mark_lost(c, "does not leave VMX before the restart");
	mutex_unlock(&dedicate_mutex);
}

void dedicate_hold(void)
{
	mutex_lock(&dedicate_mutex);
}

void dedicate_release(void)
{
	mutex_unlock(&dedicate_mutex);
}

bool dedicate_closed(void)
{
	return READ_ONCE(closed);
}

static bool any_dedicated(void)
{
	struct rm_cpu *c;
	unsigned int cpu;

	for_each_rm_cpu(c, cpu)
		if (c->use != RM_CPU_LINUX)
			return true;
	return false;
}

int dedicate_suspend(void)
{
	int r = 0;

	mutex_lock(&dedicate_mutex);
	if (any_dedicated())
		r = -EBUSY;
	else
		suspended = true;
	mutex_unlock(&dedicate_mutex);
	return r;
}

void dedicate_resume(void)
{
	mutex_lock(&dedicate_mutex);
	suspended = false;
	mutex_unlock(&dedicate_mutex);
}
