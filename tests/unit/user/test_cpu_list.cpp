// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "lib/cpu_list.hpp"

namespace rmguest {
namespace {

using Cpus = std::vector<std::uint32_t>;

TEST(CpuList, NumbersAndRangesInTheirOrder) {
    EXPECT_EQ(*parse_cpu_list("3"), Cpus{3});
    EXPECT_EQ(*parse_cpu_list("5-7,1"), (Cpus{5, 6, 7, 1}));
    EXPECT_EQ(*parse_cpu_list("0-0,8191"), (Cpus{0, 8191}));
}

TEST(CpuList, EverythingElseIsRefused) {
    for (const char* text : {"", ",", "1,", ",1", "a", "1-", "-1", "2-1", "1,1", "1-3,2", "8192",
                             " 1", "1 ", "1--2", "0x1", "99999999999"}) {
        EXPECT_FALSE(parse_cpu_list(text).ok()) << text;
    }
}

TEST(CpuList, TheShortestForm) {
    EXPECT_EQ(format_cpu_list({}), "none");
    EXPECT_EQ(format_cpu_list({0, 1, 2, 5, 7, 8}), "0-2,5,7-8");
}

}  // namespace
}  // namespace rmguest
