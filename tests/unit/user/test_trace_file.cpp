// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <cstring>

#include "lib/trace_collector.hpp"
#include "lib/trace_file.hpp"
#include "records.hpp"

namespace rmguest {
namespace {

using Bytes = std::vector<std::uint8_t>;

Trace two_exits() {
    const Bytes memory{0xe6, 0x80, 0xf4};
    Trace trace{.entries = {}, .lost = 5};
    auto record = exit_record(rmv::ExitReason::io_instruction, 0x00800040);
    trace.entries.push_back(entry_with_bytes(record, memory));
    record = exit_record(rmv::ExitReason::hlt);
    record.rip = 2;
    trace.entries.push_back(entry_with_bytes(record, memory));
    return trace;
}

template <typename T>
void put(Bytes& file, std::size_t offset, T value) {
    std::memcpy(file.data() + offset, &value, sizeof(value));
}

TEST(TraceFile, LayoutIsTheDocumentedOne) {
    const Bytes file = encode_trace(two_exits(), 1, 3);
    ASSERT_EQ(file.size(), 64u + 2 * 80u);
    EXPECT_EQ(std::memcmp(file.data(), "RMVTRACE", 8), 0);
    EXPECT_EQ(file[8], 2);           // version
    EXPECT_EQ(file[12], 64);         // header size
    EXPECT_EQ(file[16], 80);         // entry size
    EXPECT_EQ(file[64 + 64], 0xe6);  // first byte of the first instruction
    EXPECT_EQ(file[64 + 79], 3);     // byte count
    EXPECT_EQ(file[144 + 79], 1);
}

TEST(TraceFile, ComesBackAsItWas) {
    const Trace written = two_exits();
    const auto read = decode_trace(encode_trace(written, 1, 3), "file");
    ASSERT_TRUE(read.ok()) << read.error().what;
    EXPECT_EQ(read->lost, 5u);
    ASSERT_EQ(read->entries.size(), 2u);
    for (std::size_t index = 0; index < 2; ++index) {
        EXPECT_EQ(
            std::memcmp(&read->entries[index], &written.entries[index], sizeof(TraceFileEntry)), 0);
    }
}

TEST(TraceFile, LongerHeaderAndEntriesOfALaterBuildAreRead) {
    const Bytes file = encode_trace(two_exits(), 1, 3);
    Bytes longer(file.begin(), file.begin() + 64);
    put<std::uint32_t>(longer, 12, 72);
    put<std::uint32_t>(longer, 16, 96);
    longer.resize(72);
    for (std::size_t entry = 0; entry < 2; ++entry) {
        const auto first = file.begin() + 64 + static_cast<long>(entry) * 80;
        longer.insert(longer.end(), first, first + 80);
        longer.resize(longer.size() + 16);
    }
    const auto read = decode_trace(longer, "file");
    ASSERT_TRUE(read.ok()) << read.error().what;
    ASSERT_EQ(read->entries.size(), 2u);
    EXPECT_EQ(read->entries[1].record.reason, 12);
}

TEST(TraceFile, CutOffAnywhereIsRefused) {
    const Bytes file = encode_trace(two_exits(), 1, 3);
    for (std::size_t size = 0; size < file.size(); ++size) {
        const bool between_entries = size >= 64 && (size - 64) % 80 == 0;
        EXPECT_EQ(decode_trace(std::span(file).first(size), "file").ok(), between_entries) << size;
    }
}

struct BadHeader {
    std::size_t offset;
    std::uint32_t value;
};

class TraceFileBad : public testing::TestWithParam<BadHeader> {};

TEST_P(TraceFileBad, IsRefusedWithItsName) {
    Bytes file = encode_trace(two_exits(), 1, 3);
    put(file, GetParam().offset, GetParam().value);
    const auto read = decode_trace(file, "exits.rmt");
    ASSERT_FALSE(read.ok());
    EXPECT_NE(read.error().what.find("exits.rmt"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Table, TraceFileBad,
                         testing::Values(BadHeader{0, 0x464c457f}, BadHeader{8, 1}, BadHeader{8, 0},
                                         BadHeader{12, 63}, BadHeader{12, 0xffffffff},
                                         BadHeader{16, 79}, BadHeader{16, 0},
                                         BadHeader{16, 0xffffffff}, BadHeader{20, 1}));

TEST(TraceFile, SymbolsThatItNeedsComeWithIt) {
    Trace written = two_exits();
    written.tsc_khz = 3000000;
    written.symbols.guest = SymbolTable({{0, "start"}, {2, "stop"}, {0x900, "unused"}}, 0x1000);
    const Bytes file = encode_trace(written, 1, 3);
    const auto read = decode_trace(file, "file");
    ASSERT_TRUE(read.ok()) << read.error().what;
    ASSERT_EQ(read->entries.size(), 2u);
    EXPECT_EQ(read->tsc_khz, 3000000u);
    EXPECT_EQ(read->symbols.describe(read->entries[1].record), "stop");
    EXPECT_EQ(read->symbols.guest.describe(0x900), "stop+0x8fe");
    EXPECT_FALSE(decode_trace(std::span(file).first(file.size() - 1), "file").ok());
}

TEST(TraceFile, AByteCountBeyondTheArrayIsCut) {
    Bytes file = encode_trace(two_exits(), 1, 3);
    file[64 + 79] = 255;
    const auto read = decode_trace(file, "file");
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->entries[0].byte_count, longest_instruction);
}

TEST(EntryWithBytes, EndsWithTheMemory) {
    const Bytes memory(20, 0x90);
    auto record = exit_record(rmv::ExitReason::hlt);
    record.rip = 10;
    EXPECT_EQ(entry_with_bytes(record, memory).byte_count, 10);
    record.rip = 20;
    EXPECT_EQ(entry_with_bytes(record, memory).byte_count, 0);
    record.cs_base = 0xffff0000;
    record.rip = ~std::uint64_t{0};
    EXPECT_EQ(entry_with_bytes(record, memory).byte_count, 0);
}

}  // namespace
}  // namespace rmguest
