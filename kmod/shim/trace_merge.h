/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The records of all CPUs as one stream, the oldest first. Within a CPU the
 * order is exact; between CPUs it is that of the time stamps, of what is there.
 */
#pragma once

#include "ring.h"

#define MERGE_AHEAD 16

struct merge_source {
	struct ring_cursor cursor;
	u64 end;
	unsigned int first, count;
	struct rmvisor_trace_record ahead[MERGE_AHEAD];
};

struct merge {
	unsigned int sources;
	struct merge_source source[];
};

/* NULL: no memory. Freed with kvfree(). To be followed by merge_rewind(). */
struct merge *merge_alloc(void);

/* To the oldest records; up to what is there now, or without an end. */
void merge_rewind(struct merge *m, bool endless);

/* The records that are there now are the last ones, until this is called again. */
void merge_end_here(struct merge *m);

/* Behind the records that are there now. To be called before the first merge_next(). */
void merge_skip(struct merge *m);

/* The next record; false at the end. *source, if given: whose it was. */
bool merge_next(struct merge *m, struct rmvisor_trace_record *record,
		const struct merge_source **source);

/* Whether merge_next() has something. */
bool merge_has_more(const struct merge *m);

/* Index of the first record of this source that merge_next() has not given. */
u64 merge_position(const struct merge_source *s);
