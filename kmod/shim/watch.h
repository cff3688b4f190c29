/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is recorded of every CPU: the trace's switches, its filter, its rings.
 * All calls may sleep; changes are in force on every CPU when they return.
 *
 * Errors: ETIMEDOUT (a dedicated CPU does not answer; it keeps the old ways).
 */
#pragma once

#include <linux/mutex.h>

#include "rm_cpu.h"

/* The visor's tables are rebuilt under it; inside Linux's hotplug locks. */
extern struct mutex rm_tables_mutex;
/* Under it: a CPU did not go over to new tables; these must never be rebuilt again. */
extern bool rm_tables_stuck;

enum watch_switch {
	WATCH_TRACE,		/* 1: exits are traced */
	WATCH_OVERWRITE,	/* 1: in a full ring the oldest records go; 0: no more come */
	WATCH_STATS,		/* 1: latencies are measured */
	WATCH_SWITCHES
};

/* Before the first launch: what every load begins with. */
void watch_init(void);

u32 watch_get(enum watch_switch which);
int watch_set(enum watch_switch which, u32 value);

/* @steps: @count steps, 0 for none. */
int watch_set_filter(const struct rmv_filter_step *steps, u32 count);

/*
 * New rings of this many records, a power of two; they begin empty. Also
 * ENOMEM, EBUSY (a CPU is lost, see status; or did not answer an earlier time).
 */
int watch_resize(u32 records);
/* Of each ring. */
u32 watch_records(void);
