// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reading side of the exit trace's ring.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "ring.h"

/* A copy fails only when root writes a whole ring meanwhile. */
#define COPY_TRIES 8

/* Under rm_ring_lock, as all that follows. */
static u64 head_of(const struct rm_cpu *c)
{
	/* records below the head are complete */
	return smp_load_acquire(&c->ring->map->head);
}

/*
 * Index of the oldest record that can't be under the writer's hands: the slot
 * of record (head - count) is the one that is written next. What was written
 * to an earlier ring is gone.
 */
static u64 oldest_safe(const struct rm_cpu *c, u64 head)
{
	u64 oldest = head >= c->ring->count ? head - c->ring->count + 1 : 0;

	return max(oldest, READ_ONCE(c->ring->map->first));
}

static const struct rmvisor_trace_record *slot(const struct rm_cpu *c, u64 index)
{
	return &c->ring->records[index & (c->ring->count - 1)];
}

void ring_begin(struct ring_cursor *cursor, const struct rm_cpu *c)
{
	down_read(&rm_ring_lock);
	*cursor = (struct ring_cursor){
		.cpu = c,
		.next = max(oldest_safe(c, head_of(c)), READ_ONCE(c->public->trace_tail)),
	};
	up_read(&rm_ring_lock);
}

/* Skips what is gone; the count waits in cursor->lost until it can be told. */
static void skip_overwritten(struct ring_cursor *cursor, u64 oldest)
{
	if (cursor->next >= oldest)
		return;
	cursor->lost += oldest - cursor->next;
	cursor->next = oldest;
}

/* Copies without a look at the writer; returns how many. */
static size_t copy_out(const struct ring_cursor *cursor, struct rmvisor_trace_record *records,
		       size_t count, u64 end)
{
	size_t i;

	for (i = 0; i < count && cursor->next + i < end; i++)
		records[i] = *slot(cursor->cpu, cursor->next + i);
	return i;
}

/* Drops from the front what the writer may have reached during the copy. */
static size_t drop_overwritten(struct ring_cursor *cursor, struct rmvisor_trace_record *records,
			       size_t count)
{
	u64 first = cursor->next;
	size_t gone;

	/* The copy's loads come before the load of the head that judges them. */
	smp_rmb();
	skip_overwritten(cursor, oldest_safe(cursor->cpu, head_of(cursor->cpu)));
	gone = min_t(u64, cursor->next - first, count);
	memmove(records, records + gone, (count - gone) * sizeof(*records));
	return count - gone;
}

static void fill_lost(struct ring_cursor *cursor, struct rmvisor_trace_record *record, u64 tsc)
{
	*record = (struct rmvisor_trace_record){
		.tsc = tsc,
		.cpu = cursor->cpu->number,
		.type = RMVISOR_TRACE_LOST,
		.qualification = cursor->lost,
	};
	cursor->lost = 0;
}

static size_t read_locked(struct ring_cursor *cursor, struct rmvisor_trace_record *records,
			  size_t count, u64 end)
{
	unsigned int tries = COPY_TRIES;
	size_t copied;
	u64 limit;

	do {
		limit = min(head_of(cursor->cpu), end);
		skip_overwritten(cursor, oldest_safe(cursor->cpu, head_of(cursor->cpu)));
		/* One place is kept for the LOST record, in front. */
		copied = copy_out(cursor, records + 1, count - 1, limit);
		copied = drop_overwritten(cursor, records + 1, copied);
	} while (!copied && cursor->next < limit && --tries);
	cursor->next += copied;
	if (cursor->lost && (copied || cursor->next >= end)) {
		fill_lost(cursor, records,
			  copied ? records[1].tsc : slot(cursor->cpu, cursor->next)->tsc);
		return copied + 1;
	}
	memmove(records, records + 1, copied * sizeof(*records));
	return copied;
}

size_t ring_read(struct ring_cursor *cursor, struct rmvisor_trace_record *records, size_t count,
		 u64 end)
{
	size_t copied;

	if (count < 2)
		return 0;
	down_read(&rm_ring_lock);
	copied = read_locked(cursor, records, count, end);
	up_read(&rm_ring_lock);
	return copied;
}

u64 ring_head(const struct rm_cpu *c)
{
	u64 head;

	down_read(&rm_ring_lock);
	head = head_of(c);
	up_read(&rm_ring_lock);
	return head;
}

void ring_consume(const struct rm_cpu *c, u64 index)
{
	/* what was read is read before its place is free */
	smp_store_release(&c->public->trace_tail, index);
}

static u64 last_reason_locked(const struct rm_cpu *c)
{
	u64 head = head_of(c), i;

	for (i = head; i > oldest_safe(c, head); i--) {
		const struct rmvisor_trace_record *record = slot(c, i - 1);

		if (READ_ONCE(record->type) == RMVISOR_TRACE_EXIT)
			return READ_ONCE(record->reason);
	}
	return RMVISOR_NO_EXIT;
}

u64 ring_last_reason(const struct rm_cpu *c)
{
	u64 reason;

	down_read(&rm_ring_lock);
	reason = last_reason_locked(c);
	up_read(&rm_ring_lock);
	return reason;
}

const char *ring_last_exit(const struct rm_cpu *c)
{
	u64 reason = ring_last_reason(c);

	return reason == RMVISOR_NO_EXIT ? "none" : visor_exit_reason_text(reason);
}
