// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <random>

#include "lib/gdb/packet.hpp"

namespace rmguest {
namespace {

using Kind = GdbEvent::Kind;

std::vector<GdbEvent> read_all(std::string_view bytes) {
    GdbPacketReader reader;
    reader.feed(bytes);
    std::vector<GdbEvent> events;
    while (auto event = reader.next()) {
        events.push_back(*event);
    }
    return events;
}

TEST(GdbPacket, WhatIsWrittenIsRead) {
    std::string all;
    for (int character = 0; character < 256; ++character) {
        all += static_cast<char>(character);
    }
    const auto events = read_all(gdb_packet(all) + gdb_packet(""));
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].kind, Kind::packet);
    EXPECT_EQ(events[0].data, all);
    EXPECT_EQ(events[1].data, "");
    EXPECT_EQ(gdb_packet("OK"), "$OK#9a");
}

TEST(GdbPacket, BetweenPackets) {
    const auto events = read_all("+-\x03junk$?#3f+");
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[0].kind, Kind::nack);
    EXPECT_EQ(events[1].kind, Kind::interrupt);
    EXPECT_EQ(events[2].data, "?");
}

TEST(GdbPacket, InPieces) {
    GdbPacketReader reader;
    for (const char character : std::string_view("$m7c00,10#")) {
        reader.feed({&character, 1});
        EXPECT_FALSE(reader.next());
    }
    reader.feed("2");
    EXPECT_FALSE(reader.next());
    reader.feed("a");
    ASSERT_TRUE(reader.next());
}

TEST(GdbPacket, Damaged) {
    for (const char* bytes : {"$OK#9b", "$OK#zz", "$OK}#17", "$a$b#62"}) {
        const auto events = read_all(bytes);
        ASSERT_FALSE(events.empty()) << bytes;
        EXPECT_EQ(events[0].kind, Kind::damaged) << bytes;
    }
    EXPECT_EQ(read_all("$a$b#62")[1].data, "b");
    // Nothing has come to its end.
    EXPECT_TRUE(read_all("$OK#9").empty());
}

TEST(GdbPacket, TooLong) {
    const std::string good(largest_gdb_packet, 'a');
    EXPECT_EQ(read_all(gdb_packet(good))[0].kind, Kind::packet);
    EXPECT_EQ(read_all(gdb_packet(good + "a"))[0].kind, Kind::damaged);
}

TEST(GdbPacket, AnythingAtAll) {
    std::mt19937 random(1);
    GdbPacketReader reader;
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes;
        for (unsigned count = random() % 40; count > 0; --count) {
            bytes += random() % 3 == 0 ? "$#}+-\x03"[random() % 6] : static_cast<char>(random());
        }
        reader.feed(bytes);
        while (const auto event = reader.next()) {
            ASSERT_LE(event->data.size(), largest_gdb_packet);
        }
    }
}

TEST(GdbPacket, Hexadecimal) {
    EXPECT_EQ(text_to_hex("aZ\xff"), "615aff");
    EXPECT_EQ(from_hex("00fF"), (std::vector<std::uint8_t>{0, 0xff}));
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("0g"));
    EXPECT_EQ(parse_gdb_number("7c00"), 0x7c00u);
    for (const char* text : {"", "0x1", "-1", "1 ", "10000000000000000"}) {
        EXPECT_FALSE(parse_gdb_number(text)) << text;
    }
}

}  // namespace
}  // namespace rmguest
