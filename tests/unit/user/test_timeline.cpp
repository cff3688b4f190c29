// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "lib/plot_data.hpp"
#include "lib/timeline.hpp"
#include "lib/trace_choice.hpp"
#include "records.hpp"

namespace rmguest {
namespace {

TraceFileEntry entry(std::uint64_t tsc, std::uint8_t type, std::uint32_t ticks,
                     std::uint8_t action = RMVISOR_ACTION_NONE, std::uint16_t vm = 3) {
    TraceFileEntry one{};
    one.record = exit_record(rmv::ExitReason::hlt);
    one.record.tsc = tsc;
    one.record.type = type;
    one.record.root_ticks = ticks;
    one.record.action = action;
    one.record.vm = vm;
    return one;
}

std::string describe(const Slice& slice) {
    return std::string(to_string(slice.kind)) + " " + slice.name + " " +
           std::to_string(slice.start) + "-" + std::to_string(slice.end);
}

std::vector<std::string> slices_of(std::vector<TraceFileEntry> entries) {
    Trace trace;
    trace.entries = std::move(entries);
    std::vector<std::string> texts;
    for (const Slice& slice : make_slices(trace)) {
        texts.push_back(describe(slice));
    }
    return texts;
}

using Texts = std::vector<std::string>;

TEST(Timeline, GuestVisorAndUser) {
    EXPECT_EQ(slices_of({entry(100, RMVISOR_TRACE_RUN, 10),
                         entry(200, RMVISOR_TRACE_EXIT, 30, RMVISOR_ACTION_USER),
                         entry(230, RMVISOR_TRACE_STOP, 0), entry(500, RMVISOR_TRACE_RUN, 5)}),
              (Texts{"guest vm3/vcpu0 110-200", "visor HLT 200-230", "user user 230-500"}));
}

TEST(Timeline, NothingIsKnownAcrossLostRecords) {
    EXPECT_EQ(slices_of({entry(100, RMVISOR_TRACE_RUN, 10), entry(200, RMVISOR_TRACE_LOST, 0),
                         entry(300, RMVISOR_TRACE_EXIT, 10, RMVISOR_ACTION_LEAVE),
                         entry(400, RMVISOR_TRACE_EXIT, 10, RMVISOR_ACTION_SKIP)}),
              (Texts{"event records lost 200-200", "visor HLT 300-310", "visor HLT 400-410"}));
}

TEST(Timeline, TicksThatReachIntoTheNextRecordAreCut) {
    EXPECT_EQ(slices_of({entry(100, RMVISOR_TRACE_EXIT, 4000000000, RMVISOR_ACTION_SKIP),
                         entry(150, RMVISOR_TRACE_EXIT, 0, RMVISOR_ACTION_SKIP)}),
              (Texts{"visor HLT 100-150", "event HLT 150-150"}));
}

TEST(Plot, HistogramsAreByReasonAndPowerOfTwo) {
    Trace trace;
    trace.entries = {entry(1, RMVISOR_TRACE_EXIT, 0), entry(2, RMVISOR_TRACE_EXIT, 1),
                     entry(3, RMVISOR_TRACE_EXIT, 255), entry(4, RMVISOR_TRACE_EXIT, 256),
                     entry(5, RMVISOR_TRACE_RUN, 9)};
    const auto all = latency_histograms(trace, 8);
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].exits, 4u);
    EXPECT_EQ(all[0].buckets, (std::vector<std::uint64_t>{2, 0, 0, 0, 0, 0, 0, 1, 1}));
}

TEST(Plot, ManyReasonsAreAddedUp) {
    Trace trace;
    for (std::uint16_t reason = 0; reason < 10; ++reason) {
        for (std::uint16_t count = 0; count <= reason; ++count) {
            trace.entries.push_back(entry(1, RMVISOR_TRACE_EXIT, 5));
            trace.entries.back().record.reason = reason;
        }
    }
    const auto all = latency_histograms(trace, 3);
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].exits, 10u);
    EXPECT_EQ(all[2].name, "other");
    EXPECT_EQ(all[2].exits, 36u);
}

TEST(TraceChoice, ReasonsByNumberAndName) {
    EXPECT_EQ(*parse_reasons("10"), std::vector<std::uint16_t>{10});
    EXPECT_EQ(*parse_reasons("i/o instr,HLT"), (std::vector<std::uint16_t>{30, 12}));
    EXPECT_TRUE(parse_reasons("")->empty());
    EXPECT_FALSE(parse_reasons("nosuch").ok());
    EXPECT_FALSE(parse_reasons(",").ok());
}

TEST(TraceChoice, LostRecordsOfChosenCpusAreKept) {
    TraceChoice choice;
    choice.cpus = {1};
    choice.vm = 9;
    EXPECT_FALSE(is_chosen(choice, entry(1, RMVISOR_TRACE_EXIT, 1).record));
    EXPECT_TRUE(is_chosen(choice, entry(1, RMVISOR_TRACE_LOST, 1).record));
    choice.cpus = {2};
    EXPECT_FALSE(is_chosen(choice, entry(1, RMVISOR_TRACE_LOST, 1).record));
}

}  // namespace
}  // namespace rmguest
