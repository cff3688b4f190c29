// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "lib/near_names.hpp"

namespace rmguest {
namespace {

TEST(EditDistance, CountsSingleCharacterEdits) {
    EXPECT_EQ(edit_distance("", ""), 0u);
    EXPECT_EQ(edit_distance("start", "start"), 0u);
    EXPECT_EQ(edit_distance("start", "strat"), 2u);
    EXPECT_EQ(edit_distance("start", "stat"), 1u);
    EXPECT_EQ(edit_distance("", "abc"), 3u);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(NearNames, NearestFirstAndNotMoreThanThree) {
    EXPECT_EQ(describe_near_names("strat", {"other", "start"}), "'start'");
    EXPECT_EQ(describe_near_names("main", {"mail", "main_loop", "main2"}),
              "'mail', 'main2' or 'main_loop'");
    EXPECT_EQ(describe_near_names("aa", {"ab", "ac", "ad", "ae"}), "'ab', 'ac' or 'ad'");
    EXPECT_EQ(describe_near_names("start", {"zzzzzz", "loop"}), "");
    EXPECT_EQ(describe_near_names("start", {}), "");
}

TEST(NearNames, ARepeatedNameIsShownOnce) {
    EXPECT_EQ(describe_near_names("strat", {"start", "start"}), "'start'");
}

}  // namespace
}  // namespace rmguest
