// SPDX-License-Identifier: GPL-2.0-only
#include "real_address.hpp"

#include <fmt/core.h>

#include <charconv>

namespace rmguest {
namespace {

std::optional<std::uint16_t> parse_hex16(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
    }
    std::uint16_t number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, status] = std::from_chars(text.data(), end, number, 16);
    if (status != std::errc{} || rest != end) {
        return std::nullopt;
    }
    return number;
}

}  // namespace

std::string to_string(RealAddress address) {
    return fmt::format("{:04x}:{:04x}", address.segment, address.offset);
}

std::optional<RealAddress> real_address_of(std::uint64_t linear) {
    if (linear > 0xfffff) {
        return std::nullopt;
    }
    return RealAddress{static_cast<std::uint16_t>((linear & 0xf0000) >> 4),
                       static_cast<std::uint16_t>(linear & 0xffff)};
}

Result<EntryChoice> parse_entry(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) {
        if (text.empty()) {
            return Error{"the entry is empty", "give SEG:OFF in hexadecimal, or a symbol's name"};
        }
        return EntryChoice{std::string(text)};
    }
    const auto segment = parse_hex16(text.substr(0, colon));
    const auto offset = parse_hex16(text.substr(colon + 1));
    if (!segment || !offset) {
        return Error{fmt::format("'{}' is not an entry address", text),
                     "write SEG:OFF as two hexadecimal numbers up to ffff, like 0000:7c00"};
    }
    return EntryChoice{RealAddress{*segment, *offset}};
}

}  // namespace rmguest
