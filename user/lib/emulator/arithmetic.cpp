// SPDX-License-Identifier: GPL-2.0-only
#include "arithmetic.hpp"

#include <bit>

#include "lib/vcpu_state.hpp"

namespace rmguest {
namespace {

std::uint64_t top_bit(unsigned size) { return std::uint64_t{1} << (8 * size - 1); }

std::uint64_t when(bool condition, std::uint64_t flag) { return condition ? flag : 0; }

// ZF, SF and PF, which every result sets alike.
std::uint64_t result_flags(std::uint64_t value, unsigned size) {
    const bool even = std::popcount(static_cast<std::uint8_t>(value)) % 2 == 0;
    return when(value == 0, rflags::zero) | when((value & top_bit(size)) != 0, rflags::sign) |
           when(even, rflags::parity);
}

Flagged add_carry(const Operation& operation, bool carry) {
    const unsigned size = operation.size;
    const std::uint64_t a = truncate(operation.first, size);
    const std::uint64_t b = truncate(operation.second, size);
    const std::uint64_t sum = truncate(a + b + (carry ? 1 : 0), size);
    const bool carries = sum < a || (carry && sum == a);
    const std::uint64_t flags =
        when(carries, rflags::carry) | when(((a ^ b ^ sum) & 0x10) != 0, rflags::adjust) |
        when(((a ^ sum) & (b ^ sum) & top_bit(size)) != 0, rflags::overflow);
    return {sum, flags | result_flags(sum, size), rflags::status};
}

Flagged subtract_carry(const Operation& operation, bool borrow) {
    const unsigned size = operation.size;
    const std::uint64_t a = truncate(operation.first, size);
    const std::uint64_t b = truncate(operation.second, size);
    const std::uint64_t difference = truncate(a - b - (borrow ? 1 : 0), size);
    const bool borrows = a < b || (borrow && a == b);
    const std::uint64_t flags =
        when(borrows, rflags::carry) | when(((a ^ b ^ difference) & 0x10) != 0, rflags::adjust) |
        when(((a ^ b) & (a ^ difference) & top_bit(size)) != 0, rflags::overflow);
    return {difference, flags | result_flags(difference, size), rflags::status};
}

bool has_carry(const Operation& operation) { return (operation.flags & rflags::carry) != 0; }

// CF and OF become 0; so does AF, which is undefined.
Flagged logical(std::uint64_t value, unsigned size) {
    value = truncate(value, size);
    return {value, result_flags(value, size), rflags::status};
}

Flagged without_carry(Flagged result) {
    result.changed &= ~rflags::carry;
    result.flags &= result.changed;
    return result;
}

}  // namespace

std::uint64_t truncate(std::uint64_t value, unsigned size) {
    return size >= 8 ? value : value & ((std::uint64_t{1} << (8 * size)) - 1);
}

std::uint64_t sign_extend(std::uint64_t value, unsigned size) {
    const unsigned unused = 64 - 8 * size;
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(value << unused) >> unused);
}

Flagged add(const Operation& operation) { return add_carry(operation, false); }

Flagged add_with_carry(const Operation& operation) {
    return add_carry(operation, has_carry(operation));
}

Flagged subtract(const Operation& operation) { return subtract_carry(operation, false); }

Flagged subtract_with_borrow(const Operation& operation) {
    return subtract_carry(operation, has_carry(operation));
}

Flagged bitwise_and(const Operation& operation) {
    return logical(operation.first & operation.second, operation.size);
}

Flagged bitwise_or(const Operation& operation) {
    return logical(operation.first | operation.second, operation.size);
}

Flagged bitwise_xor(const Operation& operation) {
    return logical(operation.first ^ operation.second, operation.size);
}

Flagged increment(const Operation& operation) {
    return without_carry(add({operation.first, 1, operation.flags, operation.size}));
}

Flagged decrement(const Operation& operation) {
    return without_carry(subtract({operation.first, 1, operation.flags, operation.size}));
}

Flagged negate(const Operation& operation) {
    return subtract({0, operation.first, operation.flags, operation.size});
}

Flagged complement(const Operation& operation) {
    return {truncate(~operation.first, operation.size), 0, 0};
}

Wide multiply_unsigned(std::uint64_t first, std::uint64_t second, unsigned size) {
    using U128 = unsigned __int128;
    const U128 product = U128{truncate(first, size)} * truncate(second, size);
    const auto low = truncate(static_cast<std::uint64_t>(product), size);
    const auto high = truncate(static_cast<std::uint64_t>(product >> (8 * size)), size);
    return {low, high, high != 0};
}

Wide multiply_signed(std::uint64_t first, std::uint64_t second, unsigned size) {
    const auto a = static_cast<std::int64_t>(sign_extend(first, size));
    const auto b = static_cast<std::int64_t>(sign_extend(second, size));
    const __int128 product = static_cast<__int128>(a) * b;
    const auto low = truncate(static_cast<std::uint64_t>(product), size);
    const auto high = truncate(static_cast<std::uint64_t>(product >> (8 * size)), size);
    return {low, high, product != static_cast<std::int64_t>(sign_extend(low, size))};
}

std::optional<Division> divide_unsigned(const Wide& dividend, std::uint64_t divisor,
                                        unsigned size) {
    using U128 = unsigned __int128;
    const U128 number = U128{dividend.high} << (8 * size) | dividend.low;
    divisor = truncate(divisor, size);
    if (divisor == 0 ||
        number / divisor != truncate(static_cast<std::uint64_t>(number / divisor), size)) {
        return std::nullopt;
    }
    return Division{static_cast<std::uint64_t>(number / divisor),
                    static_cast<std::uint64_t>(number % divisor)};
}

std::optional<Division> divide_signed(const Wide& dividend, std::uint64_t divisor, unsigned size) {
    using U128 = unsigned __int128;
    const unsigned unused = 128 - 16 * size;
    const U128 bits = (U128{dividend.high} << (8 * size) | dividend.low) << unused;
    const __int128 number = static_cast<__int128>(bits) >> unused;
    const auto by = static_cast<std::int64_t>(sign_extend(divisor, size));
    const bool is_lowest = bits == U128{1} << 127 && unused == 0;
    if (by == 0 || (by == -1 && is_lowest)) {
        return std::nullopt;
    }
    const __int128 quotient = number / by;
    const auto narrow = truncate(static_cast<std::uint64_t>(quotient), size);
    if (quotient != static_cast<std::int64_t>(sign_extend(narrow, size))) {
        return std::nullopt;
    }
    return Division{narrow, truncate(static_cast<std::uint64_t>(number % by), size)};
}

}  // namespace rmguest
