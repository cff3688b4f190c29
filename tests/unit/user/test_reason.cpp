// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "exit/reason.hpp"

namespace rmv {
namespace {

TEST(ExitReason, EveryNumberIsDefinedButTheReservedOnes) {
    const std::set<std::uint32_t> reserved{35, 38, 42, 71};
    for (std::uint32_t number = 0; number < 78; ++number) {
        EXPECT_EQ(decode_reason(number).has_value(), !reserved.contains(number)) << number;
    }
    EXPECT_FALSE(decode_reason(78));
    EXPECT_FALSE(decode_reason(0xffff));
}

TEST(ExitReason, OnlyTheLow16BitsName) {
    EXPECT_EQ(decode_reason(0x8000'0021), ExitReason::entry_failure_guest_state);
    EXPECT_EQ(decode_reason(0x0800'001e), ExitReason::io_instruction);
    EXPECT_TRUE(is_entry_failure(0x8000'0021));
    EXPECT_FALSE(is_entry_failure(0x7fff'0021));
}

TEST(ExitReason, NamesAreTheManuals) {
    EXPECT_STREQ(to_string(ExitReason::exception_or_nmi), "Exception or NMI");
    EXPECT_STREQ(to_string(ExitReason::hlt), "HLT");
    EXPECT_STREQ(to_string(ExitReason::io_instruction), "I/O instruction");
    EXPECT_STREQ(to_string(ExitReason::ept_violation), "EPT violation");
    EXPECT_STREQ(to_string(ExitReason::preemption_timer_expired), "VMX-preemption timer expired");
    EXPECT_STREQ(to_string(ExitReason::tdcall), "TDCALL");
    EXPECT_STREQ(to_string(static_cast<ExitReason>(35)), "undefined exit reason");
    EXPECT_STREQ(to_string(static_cast<ExitReason>(0xffff)), "undefined exit reason");
}

TEST(ExitReason, NoNameIsUsedTwice) {
    std::set<std::string> names;
    for (std::uint32_t number = 0; number < 78; ++number) {
        if (const auto reason = decode_reason(number)) {
            EXPECT_TRUE(names.insert(to_string(*reason)).second) << to_string(*reason);
        }
    }
}

}  // namespace
}  // namespace rmv
