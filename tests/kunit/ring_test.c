// SPDX-License-Identifier: GPL-2.0-only
/* A trace ring in Linux's memory, written as root writes it, while it is read. */
#include <linux/delay.h>
#include <linux/hash.h>
#include <linux/highmem.h>
#include <linux/kthread.h>
#include <linux/mm.h>

#include <kunit/test.h>

#include "ring.h"
#include "ring_memory.h"
#include "suites.h"

#define SMALL 64u
#define LARGE (1u << 17)	/* 8 MiB: more than is asked for in one piece */
#define AHEAD 8u
#define RACE_RECORDS 100000ull
#define BURST_BITS 5

struct ring_fixture {
	struct rm_cpu cpu;
	struct visor_public public;
};

static int ring_init(struct kunit *test)
{
	struct ring_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	f->cpu.public = &f->public;
	f->cpu.ring = rm_ring_alloc(0, SMALL, 0);
	test->priv = f;
	return f->cpu.ring ? 0 : -ENOMEM;
}

static void ring_exit(struct kunit *test)
{
	struct ring_fixture *f = test->priv;

	if (f)
		rm_ring_free(f->cpu.ring);
}

/* Record i says i in several places, so that one of two halves shows. */
static struct rmvisor_trace_record record_of(u64 i)
{
	return (struct rmvisor_trace_record){
		.type = RMVISOR_TRACE_EXIT,
		.reason = 10,
		.tsc = i,
		.rip = ~i,
		.qualification = i * 3,
		.guest_physical = i * 5,
		.linear_address = i * 7,
	};
}

static bool is_whole(const struct rmvisor_trace_record *r)
{
	return r->rip == ~r->tsc && r->qualification == r->tsc * 3 &&
	       r->guest_physical == r->tsc * 5 && r->linear_address == r->tsc * 7;
}

static void write_record(struct rm_ring *ring, u64 i)
{
	struct rmvisor_trace_record *slots = (void *)ring->records;

	slots[i & (ring->count - 1)] = record_of(i);
	smp_store_release(&ring->map->head, i + 1);
}

static void write_many(struct rm_ring *ring, u64 first, u64 count)
{
	u64 i;

	for (i = first; i < first + count; i++)
		write_record(ring, i);
}

/* Reads to the end; the records it got, and *lost. Their order and form is looked at. */
static u64 read_all(struct kunit *test, struct ring_cursor *cursor, u64 end, u64 *lost)
{
	struct rmvisor_trace_record records[AHEAD];
	u64 got = 0, next = 0;
	size_t n, i;

	while ((n = ring_read(cursor, records, AHEAD, end))) {
		for (i = 0; i < n; i++) {
			if (records[i].type == RMVISOR_TRACE_LOST) {
				*lost += records[i].qualification;
				continue;
			}
			got++;
			if (!is_whole(&records[i]) || records[i].tsc < next)
				KUNIT_FAIL(test, "record %llu after %llu", records[i].tsc, next);
			next = records[i].tsc + 1;
		}
	}
	return got;
}

static void memory_of_rings(struct kunit *test)
{
	static const u32 counts[] = { SMALL, 1024, LARGE };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		struct rm_ring *ring = rm_ring_alloc(0, counts[i], 77);
		unsigned long last = (counts[i] - 1) * sizeof(struct rmvisor_trace_record);
		u8 *page;

		KUNIT_ASSERT_NOT_NULL(test, ring);
		KUNIT_EXPECT_EQ(test, ring->map->records, counts[i]);
		KUNIT_EXPECT_EQ(test, ring->map->head, 77);
		KUNIT_EXPECT_EQ(test, ring->map->first, 77);
		KUNIT_EXPECT_EQ(test, ring->bytes, PAGE_SIZE + counts[i] * sizeof(*ring->records));
		/* what a reader maps is what root writes */
		write_record(ring, counts[i] - 1);
		page = kmap_local_page(rm_ring_page(ring, (PAGE_SIZE + last) & PAGE_MASK));
		KUNIT_EXPECT_EQ(test, memcmp(page + offset_in_page(last),
					     &ring->records[counts[i] - 1],
					     sizeof(*ring->records)), 0);
		kunmap_local(page);
		rm_ring_free(ring);
	}
}

static void records_in_order(struct kunit *test)
{
	struct ring_fixture *f = test->priv;
	struct ring_cursor cursor;
	u64 lost = 0;

	ring_begin(&cursor, &f->cpu);
	KUNIT_EXPECT_EQ(test, read_all(test, &cursor, U64_MAX, &lost), 0);
	write_many(f->cpu.ring, 0, 20);
	KUNIT_EXPECT_EQ(test, read_all(test, &cursor, 12, &lost), 12);
	KUNIT_EXPECT_EQ(test, read_all(test, &cursor, U64_MAX, &lost), 8);
	KUNIT_EXPECT_EQ(test, lost, 0);
	KUNIT_EXPECT_EQ(test, ring_last_reason(&f->cpu), 10);
	KUNIT_EXPECT_STREQ(test, ring_last_exit(&f->cpu), "CPUID");
}

static void what_is_overwritten_is_counted(struct kunit *test)
{
	struct ring_fixture *f = test->priv;
	struct ring_cursor cursor;
	u64 lost = 0;

	ring_begin(&cursor, &f->cpu);
	write_many(f->cpu.ring, 0, 5 * SMALL + 3);
	/* the slot that is written next is nobody's */
	KUNIT_EXPECT_EQ(test, read_all(test, &cursor, U64_MAX, &lost), SMALL - 1);
	KUNIT_EXPECT_EQ(test, lost, 4 * SMALL + 4);
}

static void what_is_consumed_is_gone(struct kunit *test)
{
	struct ring_fixture *f = test->priv;
	struct ring_cursor cursor;
	u64 lost = 0;

	write_many(f->cpu.ring, 0, 30);
	ring_consume(&f->cpu, 25);
	ring_begin(&cursor, &f->cpu);
	KUNIT_EXPECT_EQ(test, read_all(test, &cursor, U64_MAX, &lost), 5);
	KUNIT_EXPECT_EQ(test, lost, 0);
}

static int writer(void *argument)
{
	struct rm_ring *ring = argument;
	u64 i;

	for (i = 0; i < RACE_RECORDS && !kthread_should_stop(); i++) {
		write_record(ring, i);
		/* Bursts of half a ring on average, of more than a ring now and then. */
		if (!hash_64(i, BURST_BITS))
			usleep_range(10, 20);
	}
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static void a_writer_at_work(struct kunit *test)
{
	struct ring_fixture *f = test->priv;
	struct ring_cursor cursor;
	struct task_struct *task;
	u64 got = 0, lost = 0;

	ring_begin(&cursor, &f->cpu);
	task = kthread_run(writer, f->cpu.ring, "rmvisor_kunit");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	while (got + lost < RACE_RECORDS) {
		u64 before = got + lost;

		got += read_all(test, &cursor, RACE_RECORDS, &lost);
		if (got + lost == before)
			cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, got + lost, RACE_RECORDS);
	KUNIT_EXPECT_GT(test, got, 0);
	kunit_info(test, "%llu read, %llu overwritten", got, lost);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(memory_of_rings),
	KUNIT_CASE(records_in_order),
	KUNIT_CASE(what_is_overwritten_is_counted),
	KUNIT_CASE(what_is_consumed_is_gone),
	KUNIT_CASE(a_writer_at_work),
	{}
};

struct kunit_suite ring_suite = {
	.name = "rmvisor_ring",
	.init = ring_init,
	.exit = ring_exit,
	.test_cases = cases,
};
