// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <vector>

#include "lib/image.hpp"

namespace rmguest {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t memory_size = 0x110000;

TEST(FlatImage, GoesWhereItIsToldTo) {
    const Bytes code{0xf4, 0x90};
    const auto image = parse_flat(code, 0x7c00);
    ASSERT_TRUE(image.ok());
    ASSERT_EQ(image->segments.size(), 1u);
    EXPECT_EQ(image->segments[0].address, 0x7c00u);
    EXPECT_EQ(image->segments[0].bytes, code);
    EXPECT_EQ(image->entry, 0x7c00u);
    EXPECT_FALSE(image->is_elf);
}

TEST(FlatImage, EmptyIsRefused) { EXPECT_FALSE(parse_flat({}, 0x7c00).ok()); }

TEST(FlatImage, PlacedInMemory) {
    Bytes memory(16, 0xff);
    const auto image = parse_flat(Bytes{1, 2, 3}, 4);
    place_image(image.value(), memory);
    EXPECT_EQ(memory, (Bytes{0xff, 0xff, 0xff, 0xff, 1, 2, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                             0xff, 0xff, 0xff}));
}

TEST(CheckFits, TheLastByteCounts) {
    EXPECT_TRUE(check_fits(parse_flat(Bytes(16), memory_size - 16).value(), memory_size).ok());
    EXPECT_FALSE(check_fits(parse_flat(Bytes(17), memory_size - 16).value(), memory_size).ok());
    EXPECT_FALSE(check_fits(parse_flat(Bytes(1), memory_size).value(), memory_size).ok());
    // An address so high that address + size would wrap.
    EXPECT_FALSE(
        check_fits(parse_flat(Bytes(16), ~std::uint64_t{0} - 7).value(), memory_size).ok());
}

TEST(ChooseEntry, DefaultIsTheLoadAddress) {
    const auto image = parse_flat(Bytes(16), 0x12340);
    const auto entry = choose_entry(image.value(), std::nullopt, memory_size);
    ASSERT_TRUE(entry.ok());
    EXPECT_EQ(entry.value(), (RealAddress{0x1000, 0x2340}));
}

TEST(ChooseEntry, ALoadAddressBeyondRealModeNeedsAnEntry) {
    const auto image = parse_flat(Bytes(16), 0x100000);
    EXPECT_FALSE(choose_entry(image.value(), std::nullopt, memory_size).ok());
    const auto entry =
        choose_entry(image.value(), EntryChoice{RealAddress{0xffff, 0x10}}, memory_size);
    ASSERT_TRUE(entry.ok());
    EXPECT_EQ(entry->linear(), 0x100000u);
}

TEST(ChooseEntry, OutsideOfMemoryIsRefused) {
    const auto image = parse_flat(Bytes(16), 0);
    EXPECT_FALSE(choose_entry(image.value(), EntryChoice{RealAddress{0x100, 0}}, 0x1000).ok());
    EXPECT_TRUE(choose_entry(image.value(), EntryChoice{RealAddress{0xff, 0xf}}, 0x1000).ok());
}

TEST(ChooseEntry, AFlatBinaryHasNoSymbols) {
    const auto image = parse_flat(Bytes(16), 0);
    const auto entry = choose_entry(image.value(), EntryChoice{std::string("start")}, memory_size);
    ASSERT_FALSE(entry.ok());
    EXPECT_NE(entry.error().what.find("start"), std::string::npos);
}

TEST(ReadImage, MissingFileAndFolderAreRefused) {
    const auto missing = read_image("/nonexistent/image", std::nullopt);
    ASSERT_FALSE(missing.ok());
    EXPECT_NE(missing.error().what.find("No such file"), std::string::npos);
    EXPECT_FALSE(read_image("/", std::nullopt).ok());
}

TEST(ReadImage, DefaultsTo7C00) {
    const std::string path = testing::TempDir() + "rmguest_flat.bin";
    std::ofstream(path) << "\xf4";
    const auto image = read_image(path, std::nullopt);
    const auto moved = read_image(path, 0x500);
    std::remove(path.c_str());
    ASSERT_TRUE(image.ok());
    EXPECT_EQ(image->entry, 0x7c00u);
    ASSERT_TRUE(moved.ok());
    EXPECT_EQ(moved->entry, 0x500u);
}

}  // namespace
}  // namespace rmguest
