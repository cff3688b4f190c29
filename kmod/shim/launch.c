// SPDX-License-Identifier: GPL-2.0-only
/*
 * Launch and leave follow Linux's CPU hotplug: a CPU becomes a guest in the
 * last step of coming up and leaves VMX in the first step of going down, both
 * on that CPU. The hotplug core undoes a launch that fails on one CPU.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "fault.h"
#include "launch.h"
#include "report.h"
#include "rm_cpu.h"

static enum cpuhp_state online_state, prepare_state;
static bool paused;

/* On the CPU itself, interrupts off. */
static rmv_u32 launch_here(struct rm_cpu *c, struct visor_refusal *refusal)
{
	rmv_u32 status = preflight_check_here(refusal);

	if (status)
		return status;
	c->fault_reported = false;
	WRITE_ONCE(c->public->kick, 0);
	WRITE_ONCE(c->public->dead, 0);
	status = visor_launch(c->visor, refusal);
	refusal->status = status;
	return status;
}

/* On the CPU itself, interrupts off. False: VMXOFF failed, and Linux is still a guest there. */
static bool leave_here(struct rm_cpu *c)
{
	struct visor_refusal refusal = { .status = VISOR_VMXOFF_FAILED };

	if (rm_cpu_state(c) != VISOR_CPU_LINUX)
		return true;
	visor_leave(c->visor);
	if (rm_cpu_state(c) == VISOR_CPU_LINUX) {
		report_refusal(c->number, &refusal);
		return false;
	}
	if (READ_ONCE(c->public->smis_stay_blocked))
		pr_warn_once("CPU %u left VMX with IA32_SMM_MONITOR_CTL[2] set: SMIs that were blocked stay so; restart the machine if it stalls\n",
			     c->number);
	return true;
}

static int cpu_online_callback(unsigned int cpu)
{
	struct visor_refusal refusal = { };
	struct rm_cpu *c = rm_cpus[cpu];
	unsigned long flags;
	rmv_u32 status;

	if (READ_ONCE(paused))
		return 0;
	local_irq_save(flags);
	/* Still a guest: an offlining that was called off after our teardown. */
	status = leave_here(c) ? launch_here(c, &refusal) : 0;
	local_irq_restore(flags);
	return status ? report_refusal(cpu, &refusal) : 0;
}

static int cpu_offline_callback(unsigned int cpu)
{
	struct rm_cpu *c = rm_cpus[cpu];
	bool take = READ_ONCE(c->use) == RM_CPU_TAKING;
	unsigned long flags;
	rmv_u32 status = 0;

	local_irq_save(flags);
	if (take)
		status = visor_prepare_take(c->visor);
	else if (!leave_here(c))
		status = VISOR_VMXOFF_FAILED;
	local_irq_restore(flags);
	return report_errno(status);
}

/* Keeps a dedicated CPU away from whoever tries to bring it online by hand. */
static int cpu_prepare_callback(unsigned int cpu)
{
	return READ_ONCE(rm_cpus[cpu]->use) == RM_CPU_LINUX ? 0 : -EBUSY;
}

int launch_start(void)
{
	int r;

	r = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "rmvisor:prepare",
				      cpu_prepare_callback, NULL);
	if (r < 0)
		return r;
	prepare_state = r;
	fault_arm_launch();
	r = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "rmvisor:online", cpu_online_callback,
			      cpu_offline_callback);
	if (r < 0) {
		cpuhp_remove_state_nocalls(prepare_state);
		return r;
	}
	online_state = r;
	return 0;
}

/*
 * The code that runs in root can't go while a CPU needs it, and an unload that
 * has begun can't be called off: it waits.
 */
static void leave_everywhere(void)
{
	bool waited = false;

	while (launch_pause()) {
		if (!waited)
			pr_err("a CPU does not leave VMX; the module stays until it does\n");
		waited = true;
		schedule_timeout_idle(HZ);
	}
}

void launch_stop(void)
{
	leave_everywhere();
	cpuhp_remove_state(online_state);
	cpuhp_remove_state_nocalls(prepare_state);
}

static void leave_call(void *refused)
{
	if (!leave_here(rm_cpus[smp_processor_id()]))
		atomic_inc(refused);
}

/* There should be none: who takes a CPU off Linux makes it leave, or parks it. */
static unsigned int offline_guests(void)
{
	unsigned int cpu, found = 0;
	struct rm_cpu *c;

	for_each_rm_cpu(c, cpu)
		if (!cpu_online(cpu) && rm_cpu_state(c) == VISOR_CPU_LINUX)
			found++;
	return found;
}

unsigned int launch_pause(void)
{
	atomic_t refused = ATOMIC_INIT(0);
	unsigned int offline;

	cpus_read_lock();
	WRITE_ONCE(paused, true);
	on_each_cpu(leave_call, &refused, 1);
	offline = offline_guests();
	cpus_read_unlock();
	return atomic_read(&refused) + offline;
}

static void launch_call(void *failed)
{
	struct rm_cpu *c = rm_cpus[smp_processor_id()];
	struct visor_refusal refusal = { };

	if (rm_cpu_state(c) != VISOR_CPU_NATIVE || !launch_here(c, &refusal))
		return;
	atomic_inc(failed);
	report_refusal(c->number, &refusal);
}

void launch_resume(void)
{
	atomic_t failed = ATOMIC_INIT(0), refused = ATOMIC_INIT(0);

	if (!READ_ONCE(paused))
		return;
	cpus_read_lock();
	on_each_cpu(launch_call, &failed, 1);
	if (atomic_read(&failed)) {
		on_each_cpu(leave_call, &refused, 1);
		pr_err("not launched again; Linux runs natively until the module is loaded anew\n");
	} else {
		WRITE_ONCE(paused, false);
	}
	cpus_read_unlock();
}

#ifdef RMVISOR_FAULT_INJECTION
int launch_again_here(void)
{
	struct visor_refusal refusal = { };
	struct rm_cpu *c;
	unsigned long flags;
	rmv_u32 status;

	local_irq_save(flags);
	c = rm_cpus[smp_processor_id()];
	status = leave_here(c) ? launch_here(c, &refusal) : VISOR_VMXOFF_FAILED;
	local_irq_restore(flags);
	return status ? report_refusal(c->number, &refusal) : 0;
}
#endif

u64 launch_ticks(void)
{
	struct rm_cpu *c;
	unsigned int cpu;
	u64 ticks = 0;

	for_each_rm_cpu(c, cpu)
		ticks = max(ticks, READ_ONCE(c->public->launch_ticks));
	return ticks;
}
