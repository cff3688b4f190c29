// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "lib/port_range.hpp"

namespace rmguest {
namespace {

constexpr const char* ioports =
    "0000-0cf7 : PCI Bus 0000:00\n"
    "  0000-001f : dma1\n"
    "  0060-0060 : keyboard\n"
    "  0064-0064 : keyboard\n"
    "  03f8-03ff : serial\n"
    "0cf8-0cff : PCI conf1\n";

using Names = std::vector<std::string>;

TEST(PortRange, FirstCountOwner) {
    const auto one = parse_port_range("0xb3");
    ASSERT_TRUE(one);
    EXPECT_EQ(one->first, 0xb3u);
    EXPECT_EQ(one->last(), 0xb3u);
    EXPECT_EQ(one->owner, "");
    const auto serial = parse_port_range("0x3f8:8:serial: 1");
    ASSERT_TRUE(serial);
    EXPECT_EQ(serial->last(), 0x3ffu);
    EXPECT_EQ(serial->owner, "serial: 1");
    EXPECT_EQ(parse_port_range("0:65536")->last(), 0xffffu);
}

TEST(PortRange, NonsenseIsRefused) {
    for (const char* bad :
         {"", "x", "0x10000", "1:0", "0xffff:2", "2:0xffffffffffffffff", "1:", ":2"})
        EXPECT_FALSE(parse_port_range(bad)) << bad;
}

TEST(PortRange, OwnersAreTheInnerOnes) {
    EXPECT_EQ(port_owners(ioports, {0x3fe, 4, {}}), Names{"serial"});
    EXPECT_EQ(port_owners(ioports, {0x60, 5, {}}), Names{"keyboard"});
    EXPECT_EQ(port_owners(ioports, {0xcf0, 9, {}}), Names{"PCI conf1"});
    EXPECT_EQ(port_owners(ioports, {0xd00, 1, {}}), Names{});
}

TEST(PortRange, OnlyTheNamedOwnerIsPassedOver) {
    EXPECT_TRUE(check_port_owner(ioports, {0x3f8, 8, "serial"}));
    EXPECT_TRUE(check_port_owner(ioports, {0xd00, 8, {}}));
    const auto refused = check_port_owner(ioports, {0x3f8, 8, {}});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find("'serial'"), std::string::npos);
    EXPECT_FALSE(check_port_owner(ioports, {0x10, 0x400, "serial"}));
}

}  // namespace
}  // namespace rmguest
