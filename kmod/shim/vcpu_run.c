// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_RUN: one posted RUN on the dedicated CPU, a sleep until the doorbell, and
 * what has to happen around them.
 */
#include <linux/jiffies.h>
#include <linux/kvm.h>
#include <linux/printk.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <asm/tsc.h>

#include "dedicate.h"
#include "guest_service.h"
#include "mailbox.h"
#include "silence.h"
#include "vcpu.h"
#include "vcpu_exit.h"
#include "vcpu_regs.h"
#include "vm.h"

#define CR8_MAX 15

/* Newer headers rename the field for kernel code, as a warning that user space owns it. */
#ifdef HINT_UNSAFE_IN_KVM
#define IMMEDIATE_EXIT(run) READ_ONCE((run)->HINT_UNSAFE_IN_KVM(immediate_exit))
#else
#define IMMEDIATE_EXIT(run) READ_ONCE((run)->immediate_exit)
#endif

static bool completes_io(const struct rm_vcpu *vcpu)
{
	return vcpu->completion.completion == VISOR_COMPLETE_IO;
}

/* The answer to the last stop; what IN reads is taken once from the shared page. */
static int prepare_args(struct rm_vcpu *vcpu, u32 cr8, u64 budget, struct visor_run_args *args)
{
	int r;

	if (completes_io(vcpu) && vcpu->stop.in && vcpu->stop.string) {
		r = guest_service_input(vcpu);
		if (r)
			return r;
	}
	*args = vcpu->completion;
	if (completes_io(vcpu) && vcpu->stop.in && !vcpu->stop.string)
		memcpy(&args->data, vcpu->port_data,
		       min_t(size_t, vcpu->stop.size, sizeof(args->data)));
	args->want_window = !!READ_ONCE(vcpu->run->request_interrupt_window);
	args->cr8 = cr8;
	args->budget = budget;
	return 0;
}

/* About 20 microseconds on a machine; what a sleep costs is a matter of ticks, not of time. */
#define SPIN_TICKS 50000

/* Until there is something else to do here. */
static bool spin_until_stopped(const struct rm_cpu *c, bool signals_end_it)
{
	u64 end = get_cycles() + SPIN_TICKS;

	while (!mailbox_run_done(c)) {
		if (need_resched() || get_cycles() > end ||
		    (signals_end_it && signal_pending(current)))
			return false;
		cpu_relax();
	}
	return true;
}

/* The answer to the NMI takes less than going to sleep does. */
static int kick_and_wait(struct rm_cpu *c)
{
	mailbox_poll(c);
	mailbox_kick(c);
	return spin_until_stopped(c, false) ? 0 : mailbox_kick_and_wait(c);
}

/* 0 when the guest has stopped, whatever made it stop. */
static int wait_stopped(struct rm_cpu *c)
{
	struct silence silence = { };
	long r;

	/* An exit that is answered at once, as port I/O is, costs less than going to sleep. */
	if (spin_until_stopped(c, true))
		return 0;
	if (signal_pending(current))
		return kick_and_wait(c);
	mailbox_want_doorbell(c);
	/* A lost doorbell must not mean a lost guest: the waiter looks by itself too. */
	do {
		r = wait_event_interruptible_timeout(c->stopped, mailbox_run_done(c),
						     SILENCE_PERIOD);
		if (!r && silence_look(&silence, c))
			return -ETIMEDOUT;
	} while (r == 0);
	if (r < 0)
		return kick_and_wait(c);
	/* 1: only the look at the end of the period found it. */
	if (r == 1)
		pr_info_ratelimited("rmvisor: CPU %u stopped, but its doorbell was not heard\n",
				    c->number);
	return 0;
}

/* RUN, with vm->running held for reading: guest memory stays as it is. */
static int run_and_wait(struct rm_vcpu *vcpu, const struct visor_run_args *args)
{
	struct rm_cpu *c = vcpu->cpu;
	int r;

	r = mailbox_run(c, args);
	if (r)
		return r;
	vcpu->completion = (struct visor_run_args){};
	vcpu->state_valid = false;
	r = wait_stopped(c);
	if (!r)
		r = mailbox_stop(c, &vcpu->stop);
	if (r == -ETIMEDOUT)
		WRITE_ONCE(vcpu->vm->stranded, true);
	return r;
}

static int run_once(struct rm_vcpu *vcpu, const struct visor_run_args *args, bool stop_at_once)
{
	struct rm_vm *vm = vcpu->vm;
	int r;

	r = down_read_killable(&vm->running);
	if (r)
		return r;
	/* With the flag set from the start, the CPU completes the IO and runs nothing. */
	WRITE_ONCE(vcpu->cpu->public->kick_time, 0);
	WRITE_ONCE(vcpu->cpu->public->kick, stop_at_once);
	/* Pairs with rm_vm_stop_all(): a kick that this wiped out left `changes` behind. */
	smp_mb();
	if (dedicate_closed())
		r = -EIO;
	else if (atomic_read(&vm->changes))
		r = -EAGAIN;
	else
		r = run_and_wait(vcpu, args);
	up_read(&vm->running);
	return r;
}

/*
 * Guest memory has changed, the shim has done what the stop was for, or a kick
 * was not for user space.
 */
static bool goes_on(const struct rm_vcpu *vcpu, int r, bool leave)
{
	return r == -EAGAIN || r == 1 || (!r && !leave && vcpu->stop.reason == VISOR_STOP_KICK);
}

/* Runs until there is something for user space. */
static int run_until_stop(struct rm_vcpu *vcpu, u32 cr8)
{
	struct visor_run_args args;
	u64 budget = vcpu->budget;
	bool leave;
	int r;

	for (;;) {
		r = prepare_args(vcpu, cr8, budget, &args);
		if (r)
			return r;
		leave = IMMEDIATE_EXIT(vcpu->run) || signal_pending(current);
		if (leave && vcpu->completion.completion == VISOR_COMPLETE_NOTHING) {
			vcpu->stop.reason = VISOR_STOP_KICK;
			return 0;
		}
		r = run_once(vcpu, &args, leave);
		if (!r) {
			budget = vcpu->stop.budget_left;
			r = guest_service_stop(vcpu);
		}
		if (!goes_on(vcpu, r, leave))
			return r;
		cond_resched();
	}
}

static long run(struct rm_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	/* Without an in-kernel APIC KVM takes CR8 from kvm_run at each entry. */
	u64 cr8 = READ_ONCE(run->cr8);
	int r;

	if (vcpu->cpu->silent)
		return -EIO;
	r = rm_vcpu_take_sync_regs(vcpu);
	if (r)
		return r;
	if (cr8 > CR8_MAX && !rm_vcpu_has_apic(vcpu))
		return -EINVAL;
	run->exit_reason = KVM_EXIT_UNKNOWN;
	r = run_until_stop(vcpu, cr8);
	if (r == -ETIMEDOUT) {
		silence_report(vcpu->cpu);
		rm_vcpu_report_silence(vcpu);
		return 0;
	}
	if (r)
		return r;
	vcpu->user_exits++;
	return rm_vcpu_report_exit(vcpu);
}

/* The signal mask of KVM_SET_SIGNAL_MASK holds inside; real_blocked is what a handler returns to. */
static void swap_in_signal_mask(struct rm_vcpu *vcpu)
{
	if (vcpu->has_signal_mask)
		sigprocmask(SIG_SETMASK, &vcpu->signal_mask, &current->real_blocked);
}

static void swap_out_signal_mask(struct rm_vcpu *vcpu)
{
	if (!vcpu->has_signal_mask)
		return;
	sigprocmask(SIG_SETMASK, &current->real_blocked, NULL);
	sigemptyset(&current->real_blocked);
}

long rm_vcpu_run(struct rm_vcpu *vcpu)
{
	long r, synced;

	swap_in_signal_mask(vcpu);
	r = run(vcpu);
	swap_out_signal_mask(vcpu);
	/* Those of a silent CPU are out of reach. */
	synced = vcpu->cpu->silent ? 0 : rm_vcpu_give_sync_regs(vcpu);
	return r ?: synced;
}
