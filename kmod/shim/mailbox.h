/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The conversation with a CPU that is parked in root. All calls may sleep, are
 * bounded in time, and may be made from several tasks: one mutex per CPU keeps
 * command and answer together.
 *
 * Errors: ENXIO (the CPU is not parked), EIO (a fault in root), ETIMEDOUT (it
 * does not answer), or what the visor's status means.
 */
#pragma once

#include "rm_cpu.h"

/* Whose vCPU the CPU becomes. */
struct mailbox_vcpu {
	u64 ept_pointer;
	u64 io_bitmap;			/* 0: no port is the guest's */
	u32 vm;
	u32 id;
	enum visor_apic apic;
	bool bootstrap;
};

int mailbox_reset(struct rm_cpu *c, const struct mailbox_vcpu *vcpu);
/*
 * One group of the stopped vCPU's state; @data is the group's struct (vcpu_abi.h) and @bytes its
 * size. EINVAL: the visor has no such group, or refuses the values.
 */
int mailbox_get_group(struct rm_cpu *c, enum visor_group group, void *data, size_t bytes);
int mailbox_set_group(struct rm_cpu *c, enum visor_group group, const void *data, size_t bytes);
/* GET_STATE or SET_STATE of @msrs->count MSRs; @msrs->done says how many were done. */
int mailbox_move_msrs(struct rm_cpu *c, enum visor_command command, struct visor_msrs *msrs);
/* Into Linux's dead loop, natively; the caller brings it online. */
int mailbox_give_back(struct rm_cpu *c);

/*
 * Posts RUN and returns at once. When the guest has stopped mailbox_run_done()
 * is true; c->stopped is woken too, if mailbox_want_doorbell() was called
 * before the last look.
 */
void mailbox_want_doorbell(struct rm_cpu *c);
/* Undoes it: the owner looks by itself again. For the owner alone, while it is awake. */
void mailbox_poll(struct rm_cpu *c);
int mailbox_run(struct rm_cpu *c, const struct visor_run_args *args);
bool mailbox_run_done(const struct rm_cpu *c);
/* After mailbox_run_done(): the stop record, or why there is none. */
int mailbox_stop(struct rm_cpu *c, struct visor_stop *stop);

/* Makes a running guest stop; nothing happens to a parked CPU. Any context. */
void mailbox_kick(struct rm_cpu *c);
/* Kicks until the guest has stopped: 0 or ETIMEDOUT, with a line in the log. */
int mailbox_kick_and_wait(struct rm_cpu *c);
/* Asks a CPU that was silent to stop; true once it has, and waits for a command. */
bool mailbox_answers(struct rm_cpu *c);
