// SPDX-License-Identifier: GPL-2.0-only
//
// GDB's remote serial protocol, as bytes: packets with checksums, escapes, acknowledgements. What
// comes in may be anything at all.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rmguest {

// Of one packet, without escapes: what the stub tells GDB, too (PacketSize).
constexpr std::size_t largest_gdb_packet = 0x4000;

struct GdbEvent {
    enum class Kind {
        packet,     // `data` is what it holds, without escapes
        damaged,    // a wrong checksum, or too long: is to be sent again
        nack,       // our last one is to be sent again
        interrupt,  // Ctrl-C
    };
    Kind kind;
    std::string data = {};
};

class GdbPacketReader {
public:
    void feed(std::string_view bytes);
    [[nodiscard]] std::optional<GdbEvent> next();

private:
    enum class State { outside, inside, escaped, first_digit, second_digit };

    void take(char character);
    void take_inside(char character);
    void take_digit(char character);
    void keep(char character);

    State state_ = State::outside;
    std::string data_;
    bool is_damaged_ = false;
    std::uint8_t sum_ = 0;
    std::uint8_t wanted_sum_ = 0;
    std::deque<GdbEvent> events_;
};

// $...#xx, escaped.
[[nodiscard]] std::string gdb_packet(std::string_view data);

[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::string text_to_hex(std::string_view text);
// Nothing for an odd number of digits, or for what are none.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_hex(std::string_view digits);
// A number without 0x, up to 16 digits.
[[nodiscard]] std::optional<std::uint64_t> parse_gdb_number(std::string_view digits);

}  // namespace rmguest
