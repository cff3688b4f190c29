// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "lib/debug/expression.hpp"
#include "lib/debug/register_access.hpp"

namespace rmguest {
namespace {

class Expression : public testing::Test {
protected:
    Expression() {
        state_.registers.rbx = 0x1122'0010;
        state_.registers.rip = 0x200;
        state_.system.cs.selector = 0x7c0;
        state_.system.cs.base = 0x7c00;
    }
    [[nodiscard]] std::uint64_t at(std::string_view text) const {
        const auto address = evaluate_address(text, {state_, symbols_});
        return address ? *address : 0xbad;
    }

    VcpuState state_{};
    SymbolTable symbols_{{{0x8000, "main"}, {0x9000, "face"}}, 0x1000};
};

TEST_F(Expression, NumbersRegistersAndSymbols) {
    EXPECT_EQ(at("7c00"), 0x7c00u);
    EXPECT_EQ(at("0x10"), 0x10u);
    EXPECT_EQ(at("bx"), 0x10u);
    EXPECT_EQ(at("ebx"), 0x11220010u);
    EXPECT_EQ(at("bl+1"), 0x11u);
    EXPECT_EQ(at("main-10"), 0x7ff0u);
    EXPECT_EQ(at("face"), 0xfaceu);  // a number first
}

TEST_F(Expression, SegmentAndOffset) {
    EXPECT_EQ(at("cs:ip"), 0x7e00u);
    EXPECT_EQ(at("1234:5"), 0x12345u);
    EXPECT_EQ(at("ffff:ffff"), 0x10ffefu);
    EXPECT_EQ(at("cs:0-1"), 0x17bffu);      // offsets have 16 bits
    EXPECT_EQ(at("cs:100000"), 0x107c00u);  // but unreal mode reaches further
    EXPECT_EQ(at("bx:0"), 0x100u);
}

TEST_F(Expression, ASelectorHasNoBaseThatIsKnown) {
    state_.system.cr0 = 1;
    state_.system.ds.base = 0x100000;
    EXPECT_EQ(at("ds:20"), 0x100020u);
    EXPECT_EQ(at("8:20"), 0xbadu);
    EXPECT_EQ(at("100020"), 0x100020u);
}

TEST_F(Expression, WhatIsNone) {
    for (const char* text :
         {"", "+", "7c00+", "nosuch", "1:", ":1", "1:2:3", "1 2", "g", "-1", "10000000000000000"}) {
        EXPECT_FALSE(evaluate_address(text, {state_, symbols_}).ok()) << text;
    }
}

TEST(RegisterAccess, PartsOfRegisters) {
    VcpuState state{};
    state.registers.rax = 0xffff'ffff'1234'5678;
    EXPECT_EQ(read_register(state, "eax"), 0x12345678u);
    EXPECT_EQ(read_register(state, "ah"), 0x56u);
    ASSERT_TRUE(write_register(state, "ah", 0xab).ok());
    EXPECT_EQ(state.registers.rax, 0xffff'ffff'1234'ab78u);
    ASSERT_TRUE(write_register(state, "eax", 1).ok());
    EXPECT_EQ(state.registers.rax, 1u);  // as the CPU: the upper half is cleared
    EXPECT_FALSE(write_register(state, "al", 0x100).ok());
    EXPECT_FALSE(write_register(state, "nosuch", 0).ok());
    EXPECT_FALSE(read_register(state, "nosuch"));
}

TEST(RegisterAccess, SegmentsHaveBases) {
    VcpuState state{};
    ASSERT_TRUE(write_register(state, "ds", 0x1234).ok());
    EXPECT_EQ(state.system.ds.base, 0x12340u);
    state.system.cr0 = 1;
    EXPECT_FALSE(write_register(state, "ds", 8).ok());
    EXPECT_EQ(state.system.ds.selector, 0x1234);
}

}  // namespace
}  // namespace rmguest
