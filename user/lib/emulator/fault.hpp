// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>

namespace rmguest {

// SDM: Protected-Mode Exceptions and Interrupts.
enum class Vector : std::uint8_t {
    divide_error = 0,
    debug = 1,
    breakpoint = 3,
    invalid_opcode = 6,
    stack_fault = 12,
    general_protection = 13,
    page_fault = 14,
};

// An exception that an instruction raises.
struct Fault {
    Vector vector;
    std::optional<std::uint32_t> error_code = {};
    std::uint64_t cr2 = 0;  // of a page fault

    friend bool operator==(const Fault&, const Fault&) = default;
};

}  // namespace rmguest
