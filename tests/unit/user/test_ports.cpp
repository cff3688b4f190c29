// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "lib/ports.hpp"

namespace rmguest {
namespace {

using Unknown = std::map<std::uint16_t, std::uint64_t>;

TEST(Ports, DebugOutput) {
    Ports ports;
    ports.out(0xe9, 1, 'a');
    EXPECT_EQ(ports.in(0xe9, 1), 0xe9u);
    EXPECT_EQ(ports.take_output(), "a");
    EXPECT_EQ(ports.take_output(), "");
    EXPECT_TRUE(ports.unknown().empty());
}

TEST(Ports, DebugAndUartKeepTheOrder) {
    Ports ports;
    ports.out(0xe9, 1, '1');
    ports.out(0x3f8, 1, '2');
    ports.out(0xe9, 1, '3');
    EXPECT_EQ(ports.take_output(), "123");
}

TEST(Ports, TheFirstExitStatusCounts) {
    Ports ports;
    EXPECT_EQ(ports.exit_status(), std::nullopt);
    ports.out(0xf4, 1, 42);
    ports.out(0xf4, 1, 0);
    EXPECT_EQ(ports.exit_status(), 42);
}

TEST(Ports, AWideExitStatusIsItsLowByte) {
    Ports ports;
    ports.out(0xf4, 4, 0x12345607);
    EXPECT_EQ(ports.exit_status(), 7);
}

TEST(Ports, TheLastPostCodeCounts) {
    Ports ports;
    EXPECT_EQ(ports.post_code(), std::nullopt);
    ports.out(0x80, 1, 0x11);
    ports.out(0x80, 1, 0x22);
    EXPECT_EQ(ports.post_code(), 0x22);
    EXPECT_EQ(ports.in(0x80, 1), 0x22u);
}

TEST(Ports, UnknownPortsGiveOnesAndAreCounted) {
    Ports ports;
    EXPECT_EQ(ports.in(0x60, 1), 0xffu);
    EXPECT_EQ(ports.in(0x60, 2), 0xffffu);
    EXPECT_EQ(ports.in(0x200, 4), 0xffffffffu);
    ports.out(0x200, 4, 0);
    EXPECT_EQ(ports.unknown(), (Unknown{{0x60, 2}, {0x200, 2}}));
}

TEST(Ports, ANextDoorPortIsNotTheDevice) {
    Ports ports;
    ports.out(0x3f7, 1, 'x');
    ports.out(0x400, 1, 'x');
    EXPECT_EQ(ports.take_output(), "");
    EXPECT_EQ(ports.unknown(), (Unknown{{0x3f7, 1}, {0x400, 1}}));
}

TEST(Ports, WideAccessIsSplitIntoBytes) {
    Ports ports;
    ports.out(0x3fe, 2, 0x5a00);  // modem status, which is read-only, and scratch
    EXPECT_EQ(ports.in(0x3ff, 1), 0x5au);
    EXPECT_EQ(ports.in(0x3fe, 2), 0x5ab0u);
    EXPECT_EQ(ports.in(0x3ff, 2), 0xff5au);  // the upper byte is next door
    EXPECT_TRUE(ports.unknown().empty());
}

TEST(Ports, ThePortSpaceWraps) {
    Ports ports;
    EXPECT_EQ(ports.in(0xffff, 4), 0xffffffffu);
    EXPECT_EQ(ports.unknown(), (Unknown{{0xffff, 1}}));
}

}  // namespace
}  // namespace rmguest
