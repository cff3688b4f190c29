// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "lib/trace_collector.hpp"
#include "lib/trace_source.hpp"
#include "records.hpp"

namespace rmguest {
namespace {

namespace fs = std::filesystem;
using Records = std::vector<rmvisor_trace_record>;

// A folder that looks like rmvisor's in debugfs.
class TraceSourceTest : public testing::Test {
protected:
    void SetUp() override {
        folder = testing::TempDir() + "rmguest_debugfs";
        fs::remove_all(folder);
    }
    void TearDown() override { fs::remove_all(folder); }

    void append(unsigned cpu, const Records& records) {
        const std::string place = folder + "/per_cpu/cpu" + std::to_string(cpu);
        fs::create_directories(place);
        std::ofstream file(place + "/trace_raw", std::ios::binary | std::ios::app);
        file.write(reinterpret_cast<const char*>(records.data()),
                   static_cast<std::streamsize>(records.size() * sizeof(rmvisor_trace_record)));
    }

    static rmvisor_trace_record at(std::uint64_t tsc, unsigned vm) {
        rmvisor_trace_record record = exit_record(rmv::ExitReason::hlt);
        record.tsc = tsc;
        record.vm = static_cast<std::uint16_t>(vm);
        return record;
    }

    static rmvisor_trace_record lost(std::uint64_t count) {
        rmvisor_trace_record record{};
        record.type = RMVISOR_TRACE_LOST;
        record.qualification = count;
        return record;
    }

    std::string folder;
};

TEST_F(TraceSourceTest, CpusAreSortedAndOtherNamesLeftOut) {
    append(10, {});
    append(2, {});
    append(0, {});
    fs::create_directories(folder + "/per_cpu/cpu");
    fs::create_directories(folder + "/per_cpu/cpu1x");
    fs::create_directories(folder + "/per_cpu/other");
    const auto cpus = traced_cpus(folder);
    ASSERT_TRUE(cpus.ok());
    EXPECT_EQ(*cpus, (std::vector<std::uint32_t>{0, 2, 10}));
}

TEST_F(TraceSourceTest, WithoutTheModuleItSaysHowToLoadIt) {
    const auto cpus = traced_cpus(folder);
    ASSERT_FALSE(cpus.ok());
    EXPECT_NE(cpus.error().advice.find("insmod"), std::string::npos);
    EXPECT_FALSE(TraceReader::open(folder, 0).ok());
}

TEST_F(TraceSourceTest, AReaderKeepsItsPlace) {
    append(1, {at(1, 3), at(2, 3)});
    auto reader = TraceReader::open(folder, 1);
    ASSERT_TRUE(reader.ok());
    EXPECT_EQ(reader->read_new()->size(), 2u);
    EXPECT_EQ(reader->read_new()->size(), 0u);
    append(1, Records(3000, at(3, 3)));
    EXPECT_EQ(reader->read_new()->size(), 3000u);
}

TEST_F(TraceSourceTest, HalfARecordIsRefused) {
    append(1, {at(1, 3)});
    std::ofstream(folder + "/per_cpu/cpu1/trace_raw", std::ios::app) << "half";
    auto reader = TraceReader::open(folder, 1);
    ASSERT_TRUE(reader.ok());
    EXPECT_FALSE(reader->read_new().ok());
}

TEST_F(TraceSourceTest, MergeIsByTimeAndKeepsTheOrderOfTheSameTime) {
    Records records{at(3, 1), at(1, 1), at(3, 2), at(2, 1)};
    merge_by_time(records);
    EXPECT_EQ(records[0].tsc, 1u);
    EXPECT_EQ(records[1].tsc, 2u);
    EXPECT_EQ(records[2].vm, 1u);
    EXPECT_EQ(records[3].vm, 2u);
}

TEST_F(TraceSourceTest, TheCollectorKeepsItsGuestAndCountsWhatWasLost) {
    append(1, {at(1, 0), at(2, 3), at(3, 4)});
    auto reader = TraceReader::open(folder, 1);
    ASSERT_TRUE(reader.ok());
    std::vector<TraceReader> readers;
    readers.push_back(*std::move(reader));
    TraceCollector collector(std::move(readers), 3);
    collector.start();
    append(1, {lost(7), at(9, 3)});
    const std::vector<std::uint8_t> memory{0xf4};
    const auto trace = collector.finish(memory);
    ASSERT_TRUE(trace.ok());
    ASSERT_EQ(trace->entries.size(), 2u);
    EXPECT_EQ(trace->entries[0].record.tsc, 2u);
    EXPECT_EQ(trace->entries[1].record.tsc, 9u);
    EXPECT_EQ(trace->entries[0].bytes[0], 0xf4);
    EXPECT_EQ(trace->lost, 7u);
}

}  // namespace
}  // namespace rmguest
