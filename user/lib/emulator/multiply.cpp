// SPDX-License-Identifier: GPL-2.0-only
//
// MUL, IMUL, DIV, IDIV.
#include "handlers.hpp"

namespace rmguest {
namespace {

constexpr unsigned accumulator = 0;  // AL, AX, EAX, RAX
constexpr unsigned data = 2;         // DX, EDX, RDX: the high half

void store_halves(Execution& work, unsigned size, std::uint64_t low, std::uint64_t high) {
    if (size == 1) {
        work.set_general(accumulator, 2, high << 8 | low);
        return;
    }
    work.set_general(accumulator, size, low);
    work.set_general(data, size, high);
}

Wide load_halves(const Execution& work, unsigned size) {
    if (size == 1) {
        const std::uint64_t both = work.general(accumulator, 2);
        return {both & 0xff, both >> 8, false};
    }
    return {work.general(accumulator, size), work.general(data, size), false};
}

// CF and OF; the others are undefined and left alone.
void set_product_flags(Execution& work, const Wide& product) {
    const std::uint64_t both = rflags::carry | rflags::overflow;
    work.set_flags({0, product.overflows ? both : 0, both});
}

using Multiply = Wide (*)(std::uint64_t, std::uint64_t, unsigned);

template <Multiply multiply>
void multiply_accumulator(Execution& work) {
    const unsigned size = work.size(0);
    const Wide product = multiply(work.general(accumulator, size), work.load(0), size);
    store_halves(work, size, product.low, product.high);
    set_product_flags(work, product);
}

void multiply_signed_any(Execution& work) {
    const unsigned visible = work.instruction().info.operand_count_visible;
    if (visible == 1) {
        multiply_accumulator<multiply_signed>(work);
        return;
    }
    const unsigned first = visible == 2 ? 0 : 1;
    const Wide product = multiply_signed(work.load(first), work.load(first + 1), work.size(0));
    work.store(0, product.low);
    set_product_flags(work, product);
}

using Divide = std::optional<Division> (*)(const Wide&, std::uint64_t, unsigned);

template <Divide divide>
void divide_accumulator(Execution& work) {
    const unsigned size = work.size(0);
    const std::uint64_t divisor = work.load(0);
    const auto result = divide(load_halves(work, size), divisor, size);
    if (result) {
        store_halves(work, size, result->quotient, result->remainder);
    } else {
        work.raise({Vector::divide_error});
    }
}

constexpr Handler handlers[] = {
    {ZYDIS_MNEMONIC_MUL, multiply_accumulator<multiply_unsigned>},
    {ZYDIS_MNEMONIC_IMUL, multiply_signed_any},
    {ZYDIS_MNEMONIC_DIV, divide_accumulator<divide_unsigned>},
    {ZYDIS_MNEMONIC_IDIV, divide_accumulator<divide_signed>},
};

}  // namespace

std::span<const Handler> multiply_handlers() { return handlers; }

}  // namespace rmguest
