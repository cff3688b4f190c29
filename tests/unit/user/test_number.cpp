// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "lib/number.hpp"

namespace rmguest {
namespace {

struct GoodSize {
    const char* text;
    std::uint64_t bytes;
};

class ParseSizeGood : public testing::TestWithParam<GoodSize> {};

TEST_P(ParseSizeGood, GivesBytes) {
    const auto size = parse_size(GetParam().text);
    ASSERT_TRUE(size.ok()) << size.error().what;
    EXPECT_EQ(size.value(), GetParam().bytes);
}

INSTANTIATE_TEST_SUITE_P(
    Number, ParseSizeGood,
    testing::Values(GoodSize{"0", 0}, GoodSize{"4096", 4096}, GoodSize{"0x7c00", 0x7c00},
                    GoodSize{"0X7C00", 0x7c00}, GoodSize{"64K", 65536}, GoodSize{"64k", 65536},
                    GoodSize{"2M", 2u << 20}, GoodSize{"3G", std::uint64_t{3} << 30},
                    GoodSize{"1KiB", 1024}, GoodSize{"1MiB", 1u << 20}, GoodSize{"1GiB", 1u << 30},
                    GoodSize{"0x10K", 16384}, GoodSize{"0xffffffffffffffff", 0xffff'ffff'ffff'ffff},
                    GoodSize{"17179869183G", std::uint64_t{17179869183} << 30}));

class ParseSizeBad : public testing::TestWithParam<const char*> {};

TEST_P(ParseSizeBad, IsRefusedWithTheText) {
    const auto size = parse_size(GetParam());
    ASSERT_FALSE(size.ok());
    EXPECT_NE(size.error().what.find(GetParam()), std::string::npos);
    EXPECT_FALSE(size.error().advice.empty());
}

INSTANTIATE_TEST_SUITE_P(Number, ParseSizeBad,
                         testing::Values("", "x", "-1", "+1", " 1", "1 ", "1Q", "1KB", "0x", "K",
                                         "1.5M", "12abc", "0xg", "18446744073709551616",
                                         "17179869184G", "1MM"));

TEST(ParseSeconds, TakesWholesAndFractions) {
    EXPECT_DOUBLE_EQ(parse_seconds("10").value(), 10.0);
    EXPECT_DOUBLE_EQ(parse_seconds("0.5").value(), 0.5);
}

class ParseSecondsBad : public testing::TestWithParam<const char*> {};

TEST_P(ParseSecondsBad, IsRefused) { EXPECT_FALSE(parse_seconds(GetParam()).ok()); }

INSTANTIATE_TEST_SUITE_P(Number, ParseSecondsBad,
                         testing::Values("", "0", "-1", "1s", "nan", "inf", "1e300", " 1"));

}  // namespace
}  // namespace rmguest
