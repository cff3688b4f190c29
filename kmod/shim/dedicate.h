/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Taking a CPU from Linux for a real-mode guest, and giving it back.
 */
#pragma once

#include "rm_cpu.h"

int dedicate_init(void);
void dedicate_exit(void);

/*
 * Takes CPU @wanted, or with RMVISOR_CPU_ANY the highest-numbered one that can
 * be had, and parks it in root. May sleep for seconds. Error pointers: EINVAL
 * (no such CPU, or the boot CPU), EBUSY (taken already, or Linux will not let
 * go of it), ENODEV (offline, or none is left), EIO (it did not park; its
 * number is in the log), EAGAIN (Linux is about to sleep), ESHUTDOWN (the
 * machine is going down).
 */
struct rm_cpu *dedicate_take(u32 wanted);

/*
 * Stops the guest, if one runs, and brings the CPU back to Linux. May sleep;
 * works in a task that is being killed. @done is called once nothing of the
 * guest can be used by the CPU any more: before this returns 0, or later if it
 * returns EINPROGRESS, since the CPU is silent and will be taken back when it
 * answers. EIO: the CPU is lost and @done is never called; it may still run its
 * guest, so its memory, the guest's memory and the module must stay.
 */
int dedicate_give_back(struct rm_cpu *c, void (*done)(void *argument), void *argument);

/* May this CPU be asked for at all? 0 or -EINVAL. */
int dedicate_check(u32 cpu);

/*
 * Before reboot and kexec: every dedicated CPU leaves VMX into Linux's dead
 * loop, and none is taken or run any more.
 */
void dedicate_close(void);
bool dedicate_closed(void);

/* Meanwhile no CPU is taken or given back. Before Linux's hotplug locks. */
void dedicate_hold(void);
void dedicate_release(void);

/*
 * Before a suspend: no CPU is taken from now on (EAGAIN) until dedicate_resume().
 * EBUSY, and nothing changes, if one is taken or lost already.
 */
int dedicate_suspend(void);
void dedicate_resume(void);
