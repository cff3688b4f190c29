// SPDX-License-Identifier: GPL-2.0-only
// The timer of the local APIC where random histories do not come: resumed from a stored state.
#include <gtest/gtest.h>

#include "rm_guest/apic/timer.hpp"

namespace rmv::apic {
namespace {

constexpr u64 now = 1000;

Timer stored(u32 initial_count) {
    Timer timer;
    timer.set_divide(0xb, now);  // by 1
    timer.set_initial_count(initial_count, now);
    return timer;
}

TEST(StoredTimer, GoesOnWhereItWas) {
    Timer timer = stored(500);
    timer.resume(200, now);
    EXPECT_EQ(timer.deadline(), now + 200);
    EXPECT_EQ(timer.current_count(now), 200u);
    timer.resume(500, now);
    EXPECT_EQ(timer.deadline(), now + 500);
}

// Between its deadline and the look that notices it a periodic one counts down again already.
TEST(StoredTimer, APeriodicOneThatIsLateHasACount) {
    Timer timer = stored(500);
    timer.set_mode(TimerMode::periodic);
    EXPECT_EQ(timer.current_count(now + 499), 1u);
    EXPECT_EQ(timer.current_count(now + 500 + 100), 400u);
    EXPECT_EQ(timer.current_count(now + 3 * 500 + 1), 499u);
    timer.set_mode(TimerMode::one_shot);
    EXPECT_EQ(timer.current_count(now + 500 + 100), 0u);
}

TEST(StoredTimer, OneThatHadRunOutStaysSo) {
    Timer timer = stored(500);
    timer.resume(0, now);
    EXPECT_FALSE(timer.deadline());
    EXPECT_FALSE(timer.expire(~u64{0}));
}

TEST(StoredTimer, ACountAboveTheInitialOneIsIgnored) {
    Timer timer = stored(500);
    timer.resume(501, now);
    EXPECT_EQ(timer.deadline(), now + 500);
}

TEST(StoredTimer, AnotherModeHasNoCount) {
    Timer timer = stored(500);
    timer.set_mode(TimerMode::tsc_deadline);
    timer.resume(0, now);
    EXPECT_FALSE(timer.deadline());
    timer.set_tsc_deadline(77);
    timer.resume(0, now);
    EXPECT_EQ(timer.tsc_deadline(), 77u);
}

// Neither one that has passed nor, at 0, none.
TEST(StoredTimer, ADeadlineBeyondTheLastTickIsTheLastTick) {
    for (const u32 ticks : {11u, 500u}) {
        constexpr u64 late = ~u64{0} - 10;
        Timer timer;
        timer.set_divide(0xb, late);
        timer.set_initial_count(ticks, late);
        EXPECT_EQ(timer.deadline(), ~u64{0});
    }
}

// It has run out, and nobody has looked yet.
TEST(StoredTimer, AnotherRateDoesNotLoseOneThatHasRunOut) {
    Timer timer = stored(500);
    timer.set_divide(0, now + 600);
    EXPECT_EQ(timer.deadline(), now + 600);
    EXPECT_TRUE(timer.expire(now + 600));
}

}  // namespace
}  // namespace rmv::apic
