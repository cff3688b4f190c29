// SPDX-License-Identifier: GPL-2.0-only
#include "packet.hpp"

#include <fmt/core.h>

#include <charconv>

namespace rmguest {
namespace {

constexpr char start = '$', end = '#', escape = '}', interrupt = '\x03', nack = '-';
constexpr char escape_difference = 0x20;

std::optional<std::uint8_t> digit(char character) {
    if (character >= '0' && character <= '9') {
        return static_cast<std::uint8_t>(character - '0');
    }
    if (character >= 'a' && character <= 'f') {
        return static_cast<std::uint8_t>(character - 'a' + 10);
    }
    if (character >= 'A' && character <= 'F') {
        return static_cast<std::uint8_t>(character - 'A' + 10);
    }
    return std::nullopt;
}

}  // namespace

void GdbPacketReader::feed(std::string_view bytes) {
    for (const char character : bytes) {
        take(character);
    }
}

void GdbPacketReader::take(char character) {
    switch (state_) {
        case State::outside:
            if (character == start) {
                data_.clear();
                is_damaged_ = false;
                sum_ = 0;
                state_ = State::inside;
            } else if (character == interrupt) {
                events_.push_back({GdbEvent::Kind::interrupt});
            } else if (character == nack) {
                events_.push_back({GdbEvent::Kind::nack});
            }
            return;
        case State::inside:
        case State::escaped: take_inside(character); return;
        case State::first_digit:
        case State::second_digit: take_digit(character); return;
    }
}

void GdbPacketReader::take_inside(char character) {
    if (character == end) {
        is_damaged_ = is_damaged_ || state_ == State::escaped;
        state_ = State::first_digit;
        return;
    }
    if (character == start) {  // the one before was cut off
        events_.push_back({GdbEvent::Kind::damaged});
        state_ = State::outside;
        take(character);
        return;
    }
    sum_ = static_cast<std::uint8_t>(sum_ + static_cast<std::uint8_t>(character));
    if (state_ == State::escaped) {
        keep(static_cast<char>(character ^ escape_difference));
        state_ = State::inside;
    } else if (character == escape) {
        state_ = State::escaped;
    } else {
        keep(character);
    }
}

void GdbPacketReader::keep(char character) {
    if (data_.size() < largest_gdb_packet) {
        data_ += character;
    } else {
        is_damaged_ = true;
    }
}

void GdbPacketReader::take_digit(char character) {
    const auto value = digit(character);
    is_damaged_ = is_damaged_ || !value;
    if (state_ == State::first_digit) {
        wanted_sum_ = static_cast<std::uint8_t>(value.value_or(0) << 4);
        state_ = State::second_digit;
        return;
    }
    state_ = State::outside;
    wanted_sum_ = static_cast<std::uint8_t>(wanted_sum_ | value.value_or(0));
    if (is_damaged_ || wanted_sum_ != sum_) {
        events_.push_back({GdbEvent::Kind::damaged});
    } else {
        events_.push_back({GdbEvent::Kind::packet, std::move(data_)});
    }
    data_.clear();
}

std::optional<GdbEvent> GdbPacketReader::next() {
    if (events_.empty()) {
        return std::nullopt;
    }
    GdbEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
}

std::string gdb_packet(std::string_view data) {
    std::string packet(1, start);
    std::uint8_t sum = 0;
    const auto add = [&](char character) {
        packet += character;
        sum = static_cast<std::uint8_t>(sum + static_cast<std::uint8_t>(character));
    };
    for (const char character : data) {
        // '*' would tell of a repetition.
        if (character == start || character == end || character == escape || character == '*') {
            add(escape);
            add(static_cast<char>(character ^ escape_difference));
        } else {
            add(character);
        }
    }
    return packet + fmt::format("{}{:02x}", end, sum);
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
    constexpr const char* digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 0xf];
    }
    return text;
}

std::string text_to_hex(std::string_view text) {
    return to_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view digits) {
    std::vector<std::uint8_t> bytes;
    if (digits.size() % 2 != 0) {
        return std::nullopt;
    }
    for (std::size_t index = 0; index < digits.size(); index += 2) {
        const auto high = digit(digits[index]);
        const auto low = digit(digits[index + 1]);
        if (!high || !low) {
            return std::nullopt;
        }
        bytes.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
    }
    return bytes;
}

std::optional<std::uint64_t> parse_gdb_number(std::string_view digits) {
    std::uint64_t number = 0;
    const char* last = digits.data() + digits.size();
    const auto [rest, status] = std::from_chars(digits.data(), last, number, 16);
    return status == std::errc{} && rest == last ? std::optional{number} : std::nullopt;
}

}  // namespace rmguest
