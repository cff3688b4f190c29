// SPDX-License-Identifier: GPL-2.0-only
/*
 * Power transitions. Before a suspend all CPUs leave VMX while they are still
 * online, and are launched again when all are back; before a restart of any
 * kind dedicated CPUs are released into Linux's dead loop too, since a kernel
 * started by kexec wakes them by INIT, which root would block.
 */
#define pr_fmt(fmt) "rmvisor: " fmt

#include <linux/notifier.h>
#include <linux/reboot.h>
#include <linux/suspend.h>

#include "dedicate.h"
#include "launch.h"
#include "power.h"

static int reboot_event(struct notifier_block *block, unsigned long event, void *unused)
{
	dedicate_close();
	launch_pause();
	return NOTIFY_DONE;
}

static struct notifier_block reboot_block = { .notifier_call = reboot_event };

static int refuse_suspend(void)
{
	pr_warn("no suspend while a CPU is dedicated to a guest; stop the guest first\n");
	return notifier_from_errno(-EBUSY);
}

/* What follows a notifier that refuses is no POST event for that notifier. */
static int refuse_to_sleep_in_vmx(void)
{
	launch_resume();
	dedicate_resume();
	pr_warn("no suspend while a CPU can't leave VMX\n");
	return notifier_from_errno(-EBUSY);
}

static int power_event(struct notifier_block *block, unsigned long event, void *unused)
{
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		if (dedicate_suspend())
			return refuse_suspend();
		if (launch_pause())
			return refuse_to_sleep_in_vmx();
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		launch_resume();
		dedicate_resume();
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block power_block = { .notifier_call = power_event };

int rm_power_init(void)
{
	int r = register_reboot_notifier(&reboot_block);

	if (r)
		return r;
	r = register_pm_notifier(&power_block);
	if (r)
		unregister_reboot_notifier(&reboot_block);
	return r;
}

void rm_power_exit(void)
{
	unregister_pm_notifier(&power_block);
	unregister_reboot_notifier(&reboot_block);
}
