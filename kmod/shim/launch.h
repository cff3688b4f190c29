/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/types.h>

/*
 * Launches every online CPU, or none, and from now on every CPU that comes
 * online. May sleep. 0 or an errno, with a line in the log.
 */
int launch_start(void);
/* Every CPU leaves VMX operation, for good. Sleeps until the last one could. */
void launch_stop(void);

/*
 * Leaves VMX operation on every online CPU and launches none until
 * launch_resume(): for suspend, reboot and kexec. May sleep. How many CPUs
 * could not leave, with a line in the log for each.
 */
unsigned int launch_pause(void);
void launch_resume(void);

#ifdef RMVISOR_FAULT_INJECTION
/* Leaves VMX and launches again, on this CPU. 0 or an errno; native then. */
int launch_again_here(void);
#endif

/* The longest launch of any CPU in TSC ticks, interrupts off. */
u64 launch_ticks(void);
