/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a CPU's exit trace while root writes it. Process context: all calls
 * may sleep.
 */
#pragma once

#include "rm_cpu.h"

struct ring_cursor {
	const struct rm_cpu *cpu;
	u64 next;		/* index of the next record to read */
	u64 lost;		/* overwritten before they were read, not yet told */
};

/* At the oldest record that is still there and was not cleared or consumed. */
void ring_begin(struct ring_cursor *cursor, const struct rm_cpu *c);

/*
 * Copies up to @count records with an index below @end, oldest first, and
 * moves the cursor. Records that root may have overwritten meanwhile are never
 * returned; one record of type RMVISOR_TRACE_LOST says how many they were.
 */
size_t ring_read(struct ring_cursor *cursor, struct rmvisor_trace_record *records, size_t count,
		 u64 end);

/* Records written since load. */
u64 ring_head(const struct rm_cpu *c);

/* Nobody wants the records below @index any more: a ring that stops when full goes on. */
void ring_consume(const struct rm_cpu *c, u64 index);

/* SDM name of the reason of the last exit that the CPU took. Never NULL. */
const char *ring_last_exit(const struct rm_cpu *c);
/* Its basic exit reason; RMVISOR_NO_EXIT if the ring has none. */
u64 ring_last_reason(const struct rm_cpu *c);
