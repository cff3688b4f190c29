// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "lib/real_address.hpp"

namespace rmguest {
namespace {

TEST(RealAddress, LinearIsSegmentTimes16PlusOffset) {
    EXPECT_EQ((RealAddress{0x1234, 0x5678}.linear()), 0x179b8u);
    EXPECT_EQ((RealAddress{0xffff, 0xffff}.linear()), 0x10ffefu);
    EXPECT_EQ(to_string(RealAddress{0, 0x7c00}), "0000:7c00");
}

TEST(RealAddress, SegmentOfALinearAddressIsItsBank) {
    EXPECT_EQ(real_address_of(0x7c00), (RealAddress{0, 0x7c00}));
    EXPECT_EQ(real_address_of(0xffff), (RealAddress{0, 0xffff}));
    EXPECT_EQ(real_address_of(0x10000), (RealAddress{0x1000, 0}));
    EXPECT_EQ(real_address_of(0x12345), (RealAddress{0x1000, 0x2345}));
    EXPECT_EQ(real_address_of(0xfffff), (RealAddress{0xf000, 0xffff}));
    EXPECT_EQ(real_address_of(0x100000), std::nullopt);
    EXPECT_EQ(real_address_of(~std::uint64_t{0}), std::nullopt);
}

TEST(RealAddress, EveryAddressOfRealModeComesBack) {
    for (std::uint32_t linear = 0; linear <= 0xfffff; linear += 251) {
        ASSERT_EQ(real_address_of(linear)->linear(), linear);
    }
}

TEST(ParseEntry, TakesSegmentAndOffset) {
    const auto plain = parse_entry("f000:FFF0");
    ASSERT_TRUE(plain.ok());
    EXPECT_EQ(std::get<RealAddress>(plain.value()), (RealAddress{0xf000, 0xfff0}));
    const auto prefixed = parse_entry("0x7c0:0x0");
    ASSERT_TRUE(prefixed.ok());
    EXPECT_EQ(std::get<RealAddress>(prefixed.value()), (RealAddress{0x7c0, 0}));
}

TEST(ParseEntry, TakesASymbol) {
    const auto entry = parse_entry("start");
    ASSERT_TRUE(entry.ok());
    EXPECT_EQ(std::get<std::string>(entry.value()), "start");
    // Looks like a number, and is a symbol: addresses have a colon.
    EXPECT_EQ(std::get<std::string>(parse_entry("7c00").value()), "7c00");
}

class ParseEntryBad : public testing::TestWithParam<const char*> {};

TEST_P(ParseEntryBad, IsRefused) { EXPECT_FALSE(parse_entry(GetParam()).ok()); }

INSTANTIATE_TEST_SUITE_P(RealAddress, ParseEntryBad,
                         testing::Values("", ":", "0:", ":0", "10000:0", "0:10000", "x:0", "0:x",
                                         "0:0:0", "-1:0", " 0:0", "0: 0"));

}  // namespace
}  // namespace rmguest
