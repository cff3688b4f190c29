// SPDX-License-Identifier: GPL-2.0-only
//
// Real-mode addresses: SEG:OFF and the linear addresses behind them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "error.hpp"

namespace rmguest {

struct RealAddress {
    std::uint16_t segment;
    std::uint16_t offset;

    [[nodiscard]] constexpr std::uint32_t linear() const { return segment * 16u + offset; }
    friend constexpr bool operator==(const RealAddress&, const RealAddress&) = default;
};

[[nodiscard]] std::string to_string(RealAddress address);

// The SEG:OFF that rmguest uses for a linear address: the segment is the start of the address's
// 64 KiB bank, so that the offset is the address's low 16 bits and an image that was assembled or
// linked for its load address finds its labels. Nothing at 1 MiB and above.
[[nodiscard]] std::optional<RealAddress> real_address_of(std::uint64_t linear);

// What --entry may say: an address, or the name of a symbol of an ELF image.
using EntryChoice = std::variant<RealAddress, std::string>;

// "SEG:OFF" in hexadecimal (0x allowed), or a symbol's name, which has no colon.
[[nodiscard]] Result<EntryChoice> parse_entry(std::string_view text);

}  // namespace rmguest
