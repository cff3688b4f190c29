// SPDX-License-Identifier: GPL-2.0-only
/*
 * One cursor and one small buffer per CPU; each step takes the oldest of the
 * buffers' first records.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "trace_merge.h"

struct merge *merge_alloc(void)
{
	struct merge *m;

	m = kvzalloc(struct_size(m, source, num_possible_cpus()), GFP_KERNEL);
	return m;
}

void merge_rewind(struct merge *m, bool endless)
{
	struct rm_cpu *c;
	unsigned int cpu;

	m->sources = 0;
	for_each_rm_cpu(c, cpu) {
		struct merge_source *s = &m->source[m->sources++];

		ring_begin(&s->cursor, c);
		s->end = endless ? U64_MAX : ring_head(c);
		s->first = s->count = 0;
	}
}

void merge_end_here(struct merge *m)
{
	unsigned int i;

	for (i = 0; i < m->sources; i++)
		m->source[i].end = ring_head(m->source[i].cursor.cpu);
}

void merge_skip(struct merge *m)
{
	unsigned int i;

	for (i = 0; i < m->sources; i++)
		m->source[i].cursor.next = ring_head(m->source[i].cursor.cpu);
}

static bool refill(struct merge_source *s)
{
	if (s->first < s->count)
		return true;
	s->first = 0;
	s->count = ring_read(&s->cursor, s->ahead, MERGE_AHEAD, s->end);
	return s->count > 0;
}

bool merge_next(struct merge *m, struct rmvisor_trace_record *record,
		const struct merge_source **source)
{
	struct merge_source *oldest = NULL;
	unsigned int i;

	for (i = 0; i < m->sources; i++) {
		struct merge_source *s = &m->source[i];

		if (refill(s) && (!oldest || s->ahead[s->first].tsc <
					     oldest->ahead[oldest->first].tsc))
			oldest = s;
	}
	if (!oldest)
		return false;
	*record = oldest->ahead[oldest->first++];
	if (source)
		*source = oldest;
	return true;
}

bool merge_has_more(const struct merge *m)
{
	unsigned int i;

	for (i = 0; i < m->sources; i++) {
		const struct merge_source *s = &m->source[i];

		if (s->first < s->count ||
		    s->cursor.next < min(ring_head(s->cursor.cpu), s->end))
			return true;
	}
	return false;
}

u64 merge_position(const struct merge_source *s)
{
	return s->cursor.next - (s->count - s->first);
}
