// SPDX-License-Identifier: GPL-2.0-only
//
// A range of guest-physical addresses that the user wants to watch: --mmio.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"

namespace rmguest {

constexpr std::uint64_t largest_mmio_size = 16 << 20;

// "ADDR:SIZE" or "ADDR:SIZE:NAME".
struct MmioRange {
    std::uint64_t address;
    std::uint64_t size;
    std::string name;

    [[nodiscard]] std::uint64_t end() const { return address + size; }
};

[[nodiscard]] Result<MmioRange> parse_mmio(std::string_view text);
// The ranges do not overlap, and all lie below 4 GiB.
[[nodiscard]] Outcome check_mmio(const std::vector<MmioRange>& ranges);

// Registers without a meaning: they keep what is written to them, 0 at first.
struct MmioRegion {
    explicit MmioRegion(MmioRange where) : range(std::move(where)), bytes(range.size) {}

    MmioRange range;
    std::vector<std::uint8_t> bytes;
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
};

}  // namespace rmguest
