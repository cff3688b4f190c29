// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "lib/debug/breakpoints.hpp"

namespace rmguest {
namespace {

kvm_guest_debug filled(const Breakpoints& breakpoints,
                       std::optional<std::uint64_t> except = std::nullopt) {
    kvm_guest_debug debug{};
    breakpoints.fill(debug, except);
    return debug;
}

TEST(Breakpoints, NoneSetNothing) {
    const kvm_guest_debug debug = filled(Breakpoints());
    EXPECT_EQ(debug.control, 0u);
    EXPECT_EQ(debug.arch.debugreg[7], 0u);
}

// SDM: Debug Control Register (DR7): G0 is bit 1, R/W0 bits 17:16, LEN0 bits 19:18.
TEST(Breakpoints, GoIntoTheDebugRegisters) {
    Breakpoints breakpoints;
    ASSERT_TRUE(breakpoints.add({BreakKind::execute, 0x7c00}).ok());
    ASSERT_TRUE(breakpoints.add({BreakKind::write, 0x500, 2}).ok());
    ASSERT_TRUE(breakpoints.add({BreakKind::access, 0x600, 4}).ok());
    const kvm_guest_debug debug = filled(breakpoints);
    EXPECT_EQ(debug.control, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP);
    EXPECT_EQ(debug.arch.debugreg[0], 0x7c00u);
    EXPECT_EQ(debug.arch.debugreg[1], 0x500u);
    EXPECT_EQ(debug.arch.debugreg[2], 0x600u);
    EXPECT_EQ(debug.arch.debugreg[7], 0x600u | 0x2a | 0x00500000 | 0x0f000000);
}

TEST(Breakpoints, TheOneToGoOnFromIsLeftOut) {
    Breakpoints breakpoints;
    ASSERT_TRUE(breakpoints.add({BreakKind::execute, 0x7c00}).ok());
    ASSERT_TRUE(breakpoints.add({BreakKind::write, 0x7c00}).ok());
    EXPECT_EQ(filled(breakpoints, 0x7c00).arch.debugreg[7], 0x600u | 0x8 | 0x00100000);
}

TEST(Breakpoints, ARangeTakesAlignedPieces) {
    Breakpoints breakpoints;
    ASSERT_TRUE(breakpoints.add({BreakKind::write, 0x501, 7}).ok());  // 1, 2 and 4 bytes
    const kvm_guest_debug debug = filled(breakpoints);
    EXPECT_EQ(debug.arch.debugreg[0], 0x501u);
    EXPECT_EQ(debug.arch.debugreg[1], 0x502u);
    EXPECT_EQ(debug.arch.debugreg[2], 0x504u);
    EXPECT_EQ(debug.arch.debugreg[7], 0x600u | 0x2a | 0x0d510000);
    EXPECT_EQ(breakpoints.find_hit(0x4)->point.address, 0x501u);
}

TEST(Breakpoints, ThereAreFourRegisters) {
    Breakpoints breakpoints;
    for (std::uint64_t address = 1; address <= 4; ++address) {
        EXPECT_EQ(*breakpoints.add({BreakKind::execute, address}), address);
    }
    const auto fifth = breakpoints.add({BreakKind::execute, 5});
    ASSERT_FALSE(fifth.ok());
    EXPECT_NE(fifth.error().what.find("0 of the CPU's 4 are free"), std::string::npos);
    EXPECT_EQ(*breakpoints.add({BreakKind::execute, 4}), 4u);  // is there
    EXPECT_TRUE(breakpoints.remove(2u));
    EXPECT_FALSE(breakpoints.remove(2u));
    EXPECT_EQ(*breakpoints.add({BreakKind::execute, 5}), 5u);
    EXPECT_FALSE(Breakpoints().add({BreakKind::write, 0, 17}).ok());
    EXPECT_FALSE(Breakpoints().add({BreakKind::write, 0, ~std::uint64_t{0}}).ok());
    EXPECT_FALSE(Breakpoints().add({BreakKind::write, 0, 0}).ok());
}

TEST(Breakpoints, WhatIsToBeExecutedCountsFirst) {
    Breakpoints breakpoints;
    ASSERT_TRUE(breakpoints.add({BreakKind::write, 0x500}).ok());
    ASSERT_TRUE(breakpoints.add({BreakKind::execute, 0x7c00}).ok());
    EXPECT_EQ(breakpoints.find_hit(3)->point.kind, BreakKind::execute);
    EXPECT_EQ(breakpoints.find_hit(1)->point.kind, BreakKind::write);
    EXPECT_FALSE(breakpoints.find_hit(0x4000));  // a single step
    EXPECT_FALSE(breakpoints.find_hit(4));       // deleted since
    EXPECT_TRUE(breakpoints.stops_at(0x7c00));
    EXPECT_FALSE(breakpoints.stops_at(0x500));
}

}  // namespace
}  // namespace rmguest
