// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "lib/physical_space.hpp"

namespace rmguest {

static bool operator==(const MemoryPiece& a, const MemoryPiece& b) {
    return a.address == b.address && a.size == b.size;
}

namespace {

using Pieces = std::vector<MemoryPiece>;

TEST(ParseMmio, AddressSizeAndName) {
    const auto range = parse_mmio("0xb8000:4000:text");
    ASSERT_TRUE(range);
    EXPECT_EQ(range->address, 0xb8000u);
    EXPECT_EQ(range->size, 4000u);
    EXPECT_EQ(range->name, "text");
    EXPECT_EQ(parse_mmio("0xb8000:4K")->name, "b8000");
}

TEST(ParseMmio, WhatIsNoRange) {
    for (const char* text : {"", "5", "x:1", "1:x", "1:0", "0:17M", "0xffffffff:2", ":", "1:"}) {
        EXPECT_FALSE(parse_mmio(text)) << text;
    }
    EXPECT_TRUE(parse_mmio("0xffffffff:1"));
}

TEST(CheckMmio, RangesDoNotOverlap) {
    EXPECT_TRUE(check_mmio({{0x1000, 0x10, "a"}, {0x1010, 0x10, "b"}}));
    const auto overlap = check_mmio({{0x1010, 0x10, "b"}, {0x1000, 0x11, "a"}});
    ASSERT_FALSE(overlap);
    EXPECT_NE(overlap.error().what.find("'a' and 'b'"), std::string::npos);
}

TEST(MemoryWithout, LeavesWholePagesOut) {
    EXPECT_EQ(memory_without(0x10000, {}), (Pieces{{0, 0x10000}}));
    EXPECT_EQ(memory_without(0x10000, {{0x2ff0, 0x20, ""}}),
              (Pieces{{0, 0x2000}, {0x4000, 0xc000}}));
    EXPECT_EQ(memory_without(0x10000, {{0x5000, 1, ""}, {0x2000, 1, ""}, {0x2010, 1, ""}}),
              (Pieces{{0, 0x2000}, {0x3000, 0x2000}, {0x6000, 0xa000}}));
    EXPECT_EQ(memory_without(0x10000, {{0, 1, ""}, {0xf000, 0x5000, ""}}),
              (Pieces{{0x1000, 0xe000}}));
    EXPECT_EQ(memory_without(0x10000, {{0xfee00000, 4096, ""}}), (Pieces{{0, 0x10000}}));
}

TEST(PhysicalSpace, MemoryAroundARange) {
    std::vector<std::uint8_t> bytes(0x4000);
    std::string log;
    PhysicalSpace space(bytes, {{0x1010, 4, "unit"}}, [&](std::string_view line) { log += line; });
    EXPECT_EQ(space.memory(0xfff, 1, false), &bytes[0xfff]);
    EXPECT_EQ(space.memory(0x1000, 1, false), nullptr);
    EXPECT_EQ(space.memory(0x2000, 8, true), &bytes[0x2000]);
    EXPECT_EQ(space.memory(0x3fff, 2, true), nullptr);
    space.write(0x1000, 2, 0xbeef);  // the rest of the page is memory
    EXPECT_EQ(bytes[0x1000], 0xef);
    EXPECT_EQ(space.read(0x1000, 2), 0xbeefu);
    EXPECT_EQ(log, "");
    space.write(0x1012, 4, 0x44332211);  // half of it
    EXPECT_EQ(bytes[0x1012], 0);
    EXPECT_EQ(bytes[0x1014], 0x33);
    EXPECT_EQ(space.read(0x1010, 4), 0x22110000u);
    EXPECT_EQ(log, "unit write 00001012 = 44332211\nunit read  00001010 = 22110000\n");
    EXPECT_EQ(space.regions()[0].reads, 1u);
    EXPECT_EQ(space.regions()[0].writes, 1u);
    EXPECT_EQ(space.outside_accesses(), 0u);
}

TEST(PhysicalSpace, WhereNothingIs) {
    std::vector<std::uint8_t> bytes(0x1000);
    PhysicalSpace space(bytes, {});
    EXPECT_EQ(space.read(0xa0000, 4), 0xffffffffu);
    space.write(0xb0000, 1, 0);
    EXPECT_EQ(space.outside_accesses(), 2u);
    EXPECT_EQ(space.outside_address(), 0xa0000u);
}

}  // namespace
}  // namespace rmguest
