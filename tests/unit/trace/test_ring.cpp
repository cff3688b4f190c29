// SPDX-License-Identifier: GPL-2.0-only
// Root's writer (TraceRing) against the shim's reader (ring.c), in one thread and in two.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <utility>

#include "trace/shim.hpp"

namespace rmv {
namespace {

using Records = std::vector<TraceRecord>;

ring_cursor reader_of(TracedCpu& traced) {
    ring_cursor cursor;
    ring_begin(&cursor, &traced.cpu);
    return cursor;
}

Records read_some(ring_cursor& cursor, std::size_t most, u64 end = ~u64{0}) {
    Records records(most);
    records.resize(ring_read(&cursor, records.data(), most, end));
    return records;
}

struct Count {
    u64 records = 0, lost = 0;
};

// Adds up; fails on a record that is not whole, or out of order.
void add(Count& count, u64& last, const Records& records) {
    for (const TraceRecord& record : records) {
        if (record.type == RMVISOR_TRACE_LOST) {
            count.lost += record.qualification;
            continue;
        }
        ++count.records;
        ASSERT_TRUE(TracedCpu::is_whole(record)) << record.tsc;
        ASSERT_TRUE(count.records == 1 || record.tsc > last) << record.tsc << " after " << last;
        last = record.tsc;
    }
}

TEST(Ring, GivesWhatWasWrittenOnceAndInOrder) {
    TracedCpu traced(3);
    ring_cursor cursor = reader_of(traced);
    EXPECT_TRUE(read_some(cursor, 10).empty());
    traced.write(5);
    const Records records = read_some(cursor, 10);
    ASSERT_EQ(records.size(), 5u);
    for (u64 i = 0; i < 5; ++i) EXPECT_EQ(records[i].tsc, i);
    EXPECT_TRUE(read_some(cursor, 10).empty());
    traced.write(1);
    EXPECT_EQ(read_some(cursor, 10).size(), 1u);
}

TEST(Ring, ReadsNoFurtherThanItIsTold) {
    TracedCpu traced;
    ring_cursor cursor = reader_of(traced);
    traced.write(9);
    EXPECT_EQ(read_some(cursor, 20, 4).size(), 4u);
    EXPECT_TRUE(read_some(cursor, 20, 4).empty());
    EXPECT_EQ(read_some(cursor, 3).size(), 2u) << "one place is kept for a LOST record";
    EXPECT_EQ(read_some(cursor, 1).size(), 0u) << "and one place is none";
}

TEST(Ring, OverwrittenRecordsAreCountedInFront) {
    TracedCpu traced(2);
    ring_cursor cursor = reader_of(traced);
    traced.write(200);
    const Records records = read_some(cursor, 100);
    ASSERT_EQ(records.size(), 64u);
    EXPECT_EQ(records[0].type, RMVISOR_TRACE_LOST);
    EXPECT_EQ(records[0].qualification, 200u - 63);
    EXPECT_EQ(records[0].cpu, 2u);
    EXPECT_EQ(records[0].tsc, records[1].tsc);
    EXPECT_EQ(records[1].tsc, 200u - 63);
    EXPECT_EQ(records[63].tsc, 199u);
}

TEST(Ring, ALateReaderBeginsAtTheOldestAndHasLostNothing) {
    TracedCpu traced;
    traced.write(200);
    ring_cursor cursor = reader_of(traced);
    const Records records = read_some(cursor, 100);
    ASSERT_EQ(records.size(), 63u);
    EXPECT_EQ(records[0].tsc, 200u - 63);
}

TEST(Ring, WhatWasConsumedOrClearedIsNotFoundAgain) {
    TracedCpu traced;
    traced.write(10);
    ring_consume(&traced.cpu, 7);
    ring_cursor cursor = reader_of(traced);
    EXPECT_EQ(read_some(cursor, 20).size(), 3u);
    ring_consume(&traced.cpu, ring_head(&traced.cpu));
    cursor = reader_of(traced);
    EXPECT_TRUE(read_some(cursor, 20).empty());
}

// The writer, while a reader has copied and not yet looked how far it has come.
TracedCpu* written_meanwhile = nullptr;
u64 meanwhile = 0;

Records read_while(TracedCpu& traced, ring_cursor& cursor, u64 writes) {
    written_meanwhile = &traced;
    meanwhile = writes;
    fake_at_rmb = [] { written_meanwhile->write(std::exchange(meanwhile, 0)); };
    const Records records = read_some(cursor, 100);
    fake_at_rmb = nullptr;
    return records;
}

TEST(Ring, WhatIsOverwrittenDuringTheCopyIsLost) {
    TracedCpu traced;
    ring_cursor cursor = reader_of(traced);
    traced.write(60);
    const Records records = read_while(traced, cursor, 10);
    ASSERT_EQ(records.size(), 1 + 60u - 7);
    EXPECT_EQ(records[0].type, RMVISOR_TRACE_LOST);
    EXPECT_EQ(records[0].qualification, 7u);
    for (u64 i = 1; i < records.size(); ++i) {
        EXPECT_TRUE(TracedCpu::is_whole(records[i]));
        EXPECT_EQ(records[i].tsc, 6 + i);
    }
    EXPECT_EQ(read_some(cursor, 100).size(), 10u);
}

TEST(Ring, WhenAllOfTheCopyIsOverwrittenItIsMadeAgain) {
    TracedCpu traced;
    ring_cursor cursor = reader_of(traced);
    traced.write(20);
    const Records records = read_while(traced, cursor, 100);
    EXPECT_TRUE(records.empty()) << "the end that was asked for was that of the first look";
    const Records rest = read_some(cursor, 100);
    ASSERT_EQ(rest.size(), 64u);
    EXPECT_EQ(rest[0].qualification, 120u - 63);
    EXPECT_EQ(rest[63].tsc, 119u);
}

TEST(Ring, KnowsTheLastExit) {
    TracedCpu traced;
    EXPECT_STREQ(ring_last_exit(&traced.cpu), "none");
    TraceRecord record{};
    record.type = RMVISOR_TRACE_EXIT;
    record.reason = 10;
    traced.write(record);
    record.type = RMVISOR_TRACE_NMI;
    record.reason = 30;
    traced.write(record);
    EXPECT_EQ(ring_last_reason(&traced.cpu), 10u) << "what is no exit has no reason";
    EXPECT_STREQ(ring_last_exit(&traced.cpu), "CPUID");
}

TEST(FullRing, StopsAndSaysHowManyDidNotFit) {
    TracedCpu traced;
    traced.writer.set_overwrite(false);
    traced.write(100);
    EXPECT_EQ(traced.memory->ring.map->dropped, 37u);
    ring_cursor cursor = reader_of(traced);
    const Records first = read_some(cursor, 100);
    ASSERT_EQ(first.size(), 63u);
    EXPECT_EQ(first[0].tsc, 0u) << "the oldest stay";
    ring_consume(&traced.cpu, cursor.next);
    traced.write(1);
    const Records then = read_some(cursor, 100);
    ASSERT_EQ(then.size(), 2u);
    EXPECT_EQ(then[0].type, RMVISOR_TRACE_LOST);
    EXPECT_EQ(then[0].qualification, 37u);
    EXPECT_EQ(then[1].tsc, 100u);
    EXPECT_TRUE(TracedCpu::is_whole(then[1]));
}

TEST(FullRing, OneFreeSlotIsTooFewForTheLossAndTheRecord) {
    TracedCpu traced;
    traced.writer.set_overwrite(false);
    traced.write(64);
    ring_consume(&traced.cpu, 1);
    traced.write(1);
    EXPECT_EQ(traced.writer.head(), 63u);
    ring_consume(&traced.cpu, 2);
    traced.write(1);
    EXPECT_EQ(traced.writer.head(), 65u);
    EXPECT_EQ(traced.memory->ring.map->dropped, 2u);
}

// Linux could write anything there.
TEST(FullRing, ATailThatIsNonsenseMakesItFull) {
    for (const u64 tail : {u64{1000}, u64{1} << 63}) {
        TracedCpu traced;
        traced.writer.set_overwrite(false);
        traced.shared->trace_tail = tail;
        traced.write(10);
        EXPECT_EQ(traced.writer.head(), 0u) << tail;
        EXPECT_EQ(traced.memory->ring.map->dropped, 10u) << tail;
    }
}

TEST(NewRing, IndicesGoOnAndTheOldOneIsRetired) {
    TracedCpu traced;
    ring_cursor cursor = reader_of(traced);
    traced.write(10);
    traced.replace(128);
    EXPECT_EQ(traced.old->ring.map->retired, 1u);
    EXPECT_EQ(traced.memory->ring.map->retired, 0u);
    traced.write(100);
    const Records records = read_some(cursor, 200);
    ASSERT_EQ(records.size(), 101u);
    EXPECT_EQ(records[0].type, RMVISOR_TRACE_LOST);
    EXPECT_EQ(records[0].qualification, 10u);
    EXPECT_EQ(records[1].tsc, 10u);
    EXPECT_EQ(traced.memory->ring.map->first, 10u);
}

// struct rmvisor_trace_map in the ABI header: by a mapping, without a call.
TEST(MappedRing, IsReadAsTheHeaderSays) {
    TracedCpu traced;
    traced.write(100);
    const rmvisor_trace_map* map = traced.memory->ring.map;
    const u64 head = load_acquire(map->head);
    unsigned whole = 0;
    for (u64 i = head - 64; i < head; ++i) {
        const TraceRecord copy = traced.memory->ring.records[i % 64];
        if (load_acquire(map->head) >= i + 64) continue;
        ++whole;
        EXPECT_EQ(copy.tsc, i);
    }
    EXPECT_EQ(whole, 63u);
}

// Two threads: no record is ever torn, and what is missing is counted.
class Torture : public ::testing::TestWithParam<bool> {};

TEST_P(Torture, RecordsAndLostAreAllThatWasWritten) {
    constexpr u64 all = 300'000;
    TracedCpu traced;
    const bool overwrite = GetParam();
    traced.writer.set_overwrite(overwrite);
    ring_cursor cursor = reader_of(traced);
    std::atomic<bool> done = false;
    std::thread writer([&] {
        for (u64 i = 0; i < all; i += 500) {
            traced.write(500);
            std::this_thread::yield();
        }
        done = true;
    });
    Count count;
    u64 last = 0;
    for (bool last_look = false; !last_look;) {
        last_look = done;
        for (Records records = read_some(cursor, 40); !records.empty();
             records = read_some(cursor, 40)) {
            add(count, last, records);
            if (!overwrite) ring_consume(&traced.cpu, cursor.next);
        }
        std::this_thread::yield();
    }
    writer.join();
    if (!overwrite) {  // the last losses wait for a record that they can be told before
        const u64 told = count.lost;
        EXPECT_LE(told, traced.memory->ring.map->dropped);
        count.lost = traced.memory->ring.map->dropped;
    }
    EXPECT_EQ(count.records + count.lost, all);
    EXPECT_GT(count.records, 0u);
}

INSTANTIATE_TEST_SUITE_P(Modes, Torture, ::testing::Bool());

}  // namespace
}  // namespace rmv
