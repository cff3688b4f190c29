// SPDX-License-Identifier: GPL-2.0-only
// The records of all CPUs as one stream, and as lines.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "trace/shim.hpp"

namespace rmv {
namespace {

class Merge : public ::testing::Test {
protected:
    Merge() {
        for (u32 i = 0; i < cpus.size(); ++i) {
            cpus[i] = std::make_unique<TracedCpu>(i);
            pointers[i] = &cpus[i]->cpu;
        }
        pointers[3] = nullptr;  // not possible
        rm_cpus = pointers.data();
        fake_possible_cpus = 4;
        stream = merge_alloc();
    }
    ~Merge() override { kvfree(stream); }

    void write(u32 cpu, u64 tsc) {
        TraceRecord record = TracedCpu::sample(tsc);
        record.cpu = static_cast<u16>(cpu);
        cpus[cpu]->write(record);
    }
    std::vector<TraceRecord> all() {
        std::vector<TraceRecord> records;
        for (TraceRecord record; merge_next(stream, &record, nullptr);) records.push_back(record);
        return records;
    }

    std::array<std::unique_ptr<TracedCpu>, 3> cpus;
    std::array<rm_cpu*, 4> pointers{};
    merge* stream;
};

TEST_F(Merge, TheOldestComesFirst) {
    for (u64 tsc = 0; tsc < 140; ++tsc) write(tsc % 7 % 3, tsc);
    merge_rewind(stream, false);
    const auto records = all();
    ASSERT_EQ(records.size(), 140u);
    EXPECT_TRUE(std::ranges::is_sorted(records, {}, &TraceRecord::tsc));
}

// As the drain for tracepoints goes through it: from now on, part by part.
TEST_F(Merge, PartsBeginWhereTheLastOneEnded) {
    write(0, 1);
    merge_rewind(stream, true);
    merge_skip(stream);
    merge_end_here(stream);
    EXPECT_TRUE(all().empty());
    for (u64 tsc = 10; tsc < 60; ++tsc) write(tsc % 2, tsc);
    EXPECT_TRUE(all().empty()) << "before it is told to go on";
    merge_end_here(stream);
    write(2, 99);
    EXPECT_EQ(all().size(), 50u);
    merge_end_here(stream);
    const auto rest = all();
    ASSERT_EQ(rest.size(), 1u);
    EXPECT_EQ(rest[0].tsc, 99u);
}

TEST_F(Merge, APartThatWasOverwrittenIsCountedOnce) {
    merge_rewind(stream, true);
    merge_skip(stream);
    for (u64 tsc = 0; tsc < 100; ++tsc) write(0, tsc);
    merge_end_here(stream);
    for (u64 tsc = 100; tsc < 300; ++tsc) write(0, tsc);
    u64 lost = 0, seen = 0;
    for (int part = 0; part < 2; ++part) {
        for (const TraceRecord& record : all())
            record.type == RMVISOR_TRACE_LOST ? lost += record.qualification : ++seen;
        merge_end_here(stream);
    }
    EXPECT_EQ(lost + seen, 300u);
    EXPECT_EQ(seen, 63u) << "what the ring holds";
}

TEST_F(Merge, OneThatEndsDoesNotSeeWhatCameLater) {
    write(0, 1);
    merge_rewind(stream, false);
    write(1, 2);
    EXPECT_TRUE(merge_has_more(stream));
    EXPECT_EQ(all().size(), 1u);
    EXPECT_FALSE(merge_has_more(stream));
}

TEST_F(Merge, AnEndlessOneGoesOn) {
    merge_rewind(stream, true);
    EXPECT_FALSE(merge_has_more(stream));
    write(2, 5);
    EXPECT_TRUE(merge_has_more(stream));
    EXPECT_EQ(all().size(), 1u);
    write(0, 6);
    EXPECT_EQ(all().size(), 1u);
}

TEST_F(Merge, LossesStandWhereTheRecordsWere) {
    merge_rewind(stream, true);
    write(0, 500);
    for (u64 tsc = 0; tsc < 100; ++tsc) write(1, tsc);
    const auto records = all();
    ASSERT_EQ(records.size(), 65u);
    EXPECT_EQ(records[0].type, RMVISOR_TRACE_LOST);
    EXPECT_EQ(records[0].qualification, 37u);
    EXPECT_EQ(records[64].tsc, 500u);
}

TEST_F(Merge, KnowsHowFarEachSourceWasTaken) {
    merge_rewind(stream, true);
    for (u64 tsc = 0; tsc < 40; ++tsc) write(1, tsc);
    TraceRecord record;
    const merge_source* source = nullptr;
    for (u64 taken = 1; taken <= 40; ++taken) {
        ASSERT_TRUE(merge_next(stream, &record, &source));
        EXPECT_EQ(merge_position(source), taken);
        EXPECT_EQ(source->cursor.cpu, pointers[1]);
    }
}

std::string line_of(const TraceRecord& record) {
    trace_line line;
    trace_line_format(&line, &record);
    return {line.text, line.length};
}

TEST(Line, NamesWhatTheRecordHas) {
    TraceRecord record{};
    record.type = RMVISOR_TRACE_EXIT;
    record.reason = 30;
    record.vm = 2;
    record.vcpu = 1;
    record.flags = RMVISOR_TRACE_F_REGS;
    record.rax = 0x41;
    record.action = RMVISOR_ACTION_USER;
    const std::string line = line_of(record);
    EXPECT_NE(line.find("vm2/1"), std::string::npos) << line;
    EXPECT_NE(line.find("I/O instruction"), std::string::npos) << line;
    EXPECT_NE(line.find("user"), std::string::npos) << line;
    EXPECT_NE(line.find("ax=0x41"), std::string::npos) << line;
    record = {};
    record.type = RMVISOR_TRACE_LOST;
    record.qualification = 17;
    EXPECT_NE(line_of(record).find("LOST 17 records are missing here\n"), std::string::npos);
}

TEST(Line, HasNoOtherDetailsThanTheRecord) {
    TraceRecord record{};
    record.type = RMVISOR_TRACE_EXIT;
    record.reason = 10;
    EXPECT_EQ(line_of(record).find('='), std::string::npos) << line_of(record);
    struct Detail {
        u8 flag;
        const char* shown;
    };
    for (const auto& [flag, shown] : {Detail{RMVISOR_TRACE_F_ERROR_CODE, " error=0"},
                                      Detail{RMVISOR_TRACE_F_STRING, " count=0 info=0"},
                                      Detail{RMVISOR_TRACE_F_PHYSICAL, " physical=0"},
                                      Detail{RMVISOR_TRACE_F_LINEAR, " linear=0"},
                                      Detail{RMVISOR_TRACE_F_REGS, " ax=0 cx=0 dx=0"}}) {
        record.flags = flag;
        const std::string line = line_of(record);
        ASSERT_NE(line.find('='), std::string::npos) << shown;
        EXPECT_EQ(line.substr(line.rfind(' ', line.find('='))), std::string(shown) + '\n');
    }
    record.flags = 0;
    record.intr_info = 0x80000302;
    EXPECT_NE(line_of(record).find(" intr=0x80000302\n"), std::string::npos) << line_of(record);
    record = {};
    record.type = RMVISOR_TRACE_STOP;
    record.qualification = RMVISOR_STOP_HLT;
    EXPECT_NE(line_of(record).find(" why=hlt\n"), std::string::npos) << line_of(record);
    record.type = RMVISOR_TRACE_FAULT;
    record.reason = 13;
    EXPECT_NE(line_of(record).find(" vector=13\n"), std::string::npos) << line_of(record);
}

TEST(Line, AnyRecordIsOneLine) {
    for (unsigned type = 0; type < 256; ++type) {
        TraceRecord record;
        std::memset(&record, 0xff, sizeof(record));
        record.type = static_cast<u8>(type);
        const std::string line = line_of(record);
        EXPECT_EQ(std::ranges::count(line, '\n'), 1);
        EXPECT_EQ(line.back(), '\n');
    }
}

}  // namespace
}  // namespace rmv
