// SPDX-License-Identifier: GPL-2.0-only
//
// Addresses and numbers as the monitor's user writes them: sums of hexadecimal numbers, registers
// and symbols, and SEG:OFF of two of them.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/error.hpp"
#include "lib/symbols.hpp"
#include "lib/vcpu_state.hpp"

namespace rmguest {

// What names stand for.
struct Names {
    const VcpuState& state;
    const SymbolTable& symbols;
};

// "7c00", "0x7c00", "bx+10", "start-2": what is a number is one, then registers, then symbols.
[[nodiscard]] Result<std::uint64_t> evaluate(std::string_view text, const Names& names);

// A linear address: a number, or SEG:OFF. SEG may be a segment register's name, in any mode; a
// number only where segments have no descriptors.
[[nodiscard]] Result<std::uint64_t> evaluate_address(std::string_view text, const Names& names);

}  // namespace rmguest
