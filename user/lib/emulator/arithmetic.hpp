// SPDX-License-Identifier: GPL-2.0-only
//
// Results and flags of the integer instructions, by the SDM's pages of each instruction. Where it
// calls a flag undefined, these give one of the values that it may have.
#pragma once

#include <cstdint>
#include <optional>

namespace rmguest {

struct Flagged {
    std::uint64_t value;
    std::uint64_t flags;    // rflags::, only those of `changed`
    std::uint64_t changed;  // which flags the instruction writes
};

struct Operation {
    std::uint64_t first;   // the destination
    std::uint64_t second;  // or the count of a shift
    std::uint64_t flags;   // before
    unsigned size;         // of the operands, in bytes: 1, 2, 4 or 8
};

using Arithmetic = Flagged (*)(const Operation&);

[[nodiscard]] std::uint64_t truncate(std::uint64_t value, unsigned size);
[[nodiscard]] std::uint64_t sign_extend(std::uint64_t value, unsigned size);

[[nodiscard]] Flagged add(const Operation& operation);
[[nodiscard]] Flagged add_with_carry(const Operation& operation);
[[nodiscard]] Flagged subtract(const Operation& operation);
[[nodiscard]] Flagged subtract_with_borrow(const Operation& operation);
[[nodiscard]] Flagged bitwise_and(const Operation& operation);
[[nodiscard]] Flagged bitwise_or(const Operation& operation);
[[nodiscard]] Flagged bitwise_xor(const Operation& operation);
[[nodiscard]] Flagged increment(const Operation& operation);
[[nodiscard]] Flagged decrement(const Operation& operation);
[[nodiscard]] Flagged negate(const Operation& operation);
[[nodiscard]] Flagged complement(const Operation& operation);

[[nodiscard]] Flagged shift_left(const Operation& operation);
[[nodiscard]] Flagged shift_right(const Operation& operation);
[[nodiscard]] Flagged shift_right_arithmetic(const Operation& operation);
[[nodiscard]] Flagged rotate_left(const Operation& operation);
[[nodiscard]] Flagged rotate_right(const Operation& operation);
[[nodiscard]] Flagged rotate_left_through_carry(const Operation& operation);
[[nodiscard]] Flagged rotate_right_through_carry(const Operation& operation);
// SHLD and SHRD; `fill` is where the bits come from.
[[nodiscard]] Flagged shift_left_double(const Operation& operation, std::uint64_t fill);
[[nodiscard]] Flagged shift_right_double(const Operation& operation, std::uint64_t fill);

struct Wide {
    std::uint64_t low;
    std::uint64_t high;
    bool overflows;  // of a product: the high half says more than the low half
};

[[nodiscard]] Wide multiply_unsigned(std::uint64_t first, std::uint64_t second, unsigned size);
[[nodiscard]] Wide multiply_signed(std::uint64_t first, std::uint64_t second, unsigned size);

struct Division {
    std::uint64_t quotient;
    std::uint64_t remainder;
};

// Nothing where the CPU raises #DE. `dividend` has both halves in `size` bytes each.
[[nodiscard]] std::optional<Division> divide_unsigned(const Wide& dividend, std::uint64_t divisor,
                                                      unsigned size);
[[nodiscard]] std::optional<Division> divide_signed(const Wide& dividend, std::uint64_t divisor,
                                                    unsigned size);

}  // namespace rmguest
