// SPDX-License-Identifier: GPL-2.0-only
//
// Shifts and rotates (SDM: SAL/SAR/SHL/SHR; RCL/RCR/ROL/ROR; SHLD; SHRD).
#include <bit>

#include "arithmetic.hpp"
#include "lib/vcpu_state.hpp"

namespace rmguest {
namespace {

using U128 = unsigned __int128;

constexpr Flagged unchanged(std::uint64_t value) { return {value, 0, 0}; }

unsigned width(const Operation& operation) { return 8 * operation.size; }

unsigned masked_count(const Operation& operation) {
    return static_cast<unsigned>(operation.second & (operation.size == 8 ? 0x3f : 0x1f));
}

bool bit(std::uint64_t value, unsigned number) { return (value >> number & 1) != 0; }

std::uint64_t when(bool condition, std::uint64_t flag) { return condition ? flag : 0; }

// AF is undefined and left alone; OF is defined for a count of 1 only.
Flagged shifted(std::uint64_t value, const Operation& operation, bool carry, bool overflow) {
    const Flagged result = bitwise_or({value, 0, 0, operation.size});
    return {result.value,
            result.flags | when(carry, rflags::carry) | when(overflow, rflags::overflow),
            rflags::status & ~rflags::adjust};
}

Flagged rotated(std::uint64_t value, bool carry, bool overflow) {
    return {value, when(carry, rflags::carry) | when(overflow, rflags::overflow),
            rflags::carry | rflags::overflow};
}

}  // namespace

Flagged shift_left(const Operation& operation) {
    const unsigned count = masked_count(operation);
    const std::uint64_t value = truncate(operation.first, operation.size);
    if (count == 0) {
        return unchanged(value);
    }
    const U128 wide = U128{value} << count;
    const auto result = truncate(static_cast<std::uint64_t>(wide), operation.size);
    const bool carry = (wide >> width(operation) & 1) != 0;
    return shifted(result, operation, carry, bit(result, width(operation) - 1) != carry);
}

Flagged shift_right(const Operation& operation) {
    const unsigned count = masked_count(operation);
    const std::uint64_t value = truncate(operation.first, operation.size);
    if (count == 0) {
        return unchanged(value);
    }
    return shifted(value >> count, operation, bit(value, count - 1),
                   bit(value, width(operation) - 1));
}

Flagged shift_right_arithmetic(const Operation& operation) {
    const unsigned count = masked_count(operation);
    if (count == 0) {
        return unchanged(truncate(operation.first, operation.size));
    }
    const auto value = static_cast<std::int64_t>(sign_extend(operation.first, operation.size));
    const bool carry = bit(static_cast<std::uint64_t>(value >> (count - 1)), 0);
    return shifted(static_cast<std::uint64_t>(value >> count), operation, carry, false);
}

Flagged rotate_left(const Operation& operation) {
    const unsigned count = masked_count(operation) % width(operation);
    std::uint64_t value = truncate(operation.first, operation.size);
    if (masked_count(operation) == 0) {
        return unchanged(value);
    }
    if (count != 0) {
        value = truncate(value << count | value >> (width(operation) - count), operation.size);
    }
    return rotated(value, bit(value, 0), bit(value, width(operation) - 1) != bit(value, 0));
}

Flagged rotate_right(const Operation& operation) {
    const unsigned top = width(operation) - 1;
    const unsigned count = masked_count(operation) % width(operation);
    std::uint64_t value = truncate(operation.first, operation.size);
    if (masked_count(operation) == 0) {
        return unchanged(value);
    }
    if (count != 0) {
        value = truncate(value >> count | value << (width(operation) - count), operation.size);
    }
    return rotated(value, bit(value, top), bit(value, top) != bit(value, top - 1));
}

Flagged rotate_left_through_carry(const Operation& operation) {
    const unsigned count = masked_count(operation) % (width(operation) + 1);
    std::uint64_t value = truncate(operation.first, operation.size);
    if (count == 0) {
        return unchanged(value);
    }
    bool carry = (operation.flags & rflags::carry) != 0;
    for (unsigned step = 0; step < count; ++step) {
        const bool out = bit(value, width(operation) - 1);
        value = truncate(value << 1, operation.size) | (carry ? 1 : 0);
        carry = out;
    }
    return rotated(value, carry, bit(value, width(operation) - 1) != carry);
}

Flagged rotate_right_through_carry(const Operation& operation) {
    const unsigned top = width(operation) - 1;
    const unsigned count = masked_count(operation) % (width(operation) + 1);
    std::uint64_t value = truncate(operation.first, operation.size);
    if (count == 0) {
        return unchanged(value);
    }
    bool carry = (operation.flags & rflags::carry) != 0;
    for (unsigned step = 0; step < count; ++step) {
        const bool out = bit(value, 0);
        value = value >> 1 | std::uint64_t{carry} << top;
        carry = out;
    }
    return rotated(value, carry, bit(value, top) != bit(value, top - 1));
}

// A count above the width (16-bit operands only) gives an undefined result; the fill comes twice.
Flagged shift_left_double(const Operation& operation, std::uint64_t fill) {
    const unsigned bits = width(operation);
    const unsigned count = masked_count(operation);
    const std::uint64_t value = truncate(operation.first, operation.size);
    if (count == 0) {
        return unchanged(value);
    }
    fill = truncate(fill, operation.size);
    const U128 wide = U128{value} << bits | fill;
    const unsigned turn = count % bits;
    const U128 moved = count < bits ? wide << count : (U128{fill} << bits | value) << turn;
    const auto result = truncate(static_cast<std::uint64_t>(moved >> bits), operation.size);
    const bool carry = count <= bits ? bit(value, bits - count) : bit(fill, 2 * bits - count);
    return shifted(result, operation, carry, bit(result, bits - 1) != bit(value, bits - 1));
}

Flagged shift_right_double(const Operation& operation, std::uint64_t fill) {
    const unsigned bits = width(operation);
    const unsigned count = masked_count(operation);
    const std::uint64_t value = truncate(operation.first, operation.size);
    if (count == 0) {
        return unchanged(value);
    }
    fill = truncate(fill, operation.size);
    const U128 wide = U128{fill} << bits | value;
    const U128 moved =
        count < bits ? wide >> count : (U128{value} << bits | fill) >> (count - bits);
    const auto result = truncate(static_cast<std::uint64_t>(moved), operation.size);
    const bool carry = count <= bits ? bit(value, count - 1) : bit(fill, count - bits - 1);
    return shifted(result, operation, carry, bit(result, bits - 1) != bit(value, bits - 1));
}

}  // namespace rmguest
