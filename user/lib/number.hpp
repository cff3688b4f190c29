// SPDX-License-Identifier: GPL-2.0-only
//
// Numbers as users write them on the command line.
#pragma once

#include <cstdint>
#include <string_view>

#include "error.hpp"

namespace rmguest {

// A size or address in bytes: decimal or 0x-hexadecimal, with an optional binary suffix K, M or G
// (also KiB, MiB, GiB). Nothing else is accepted: no sign, no blanks, no overflow of 64 bits.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);

// A time in seconds, with fraction, above 0 and at most a year.
[[nodiscard]] Result<double> parse_seconds(std::string_view text);

}  // namespace rmguest
