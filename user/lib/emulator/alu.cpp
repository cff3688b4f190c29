// SPDX-License-Identifier: GPL-2.0-only
//
// Addition, subtraction, logic, shifts and rotates.
#include "handlers.hpp"

namespace rmguest {
namespace {

template <Arithmetic operation>
void update(Execution& work) {
    const std::uint64_t first = work.load_for_update(0);
    const Flagged result = operation({first, work.load(1), work.flags(), work.size(0)});
    work.store(0, result.value);
    work.set_flags(result);
}

template <Arithmetic operation>
void update_alone(Execution& work) {
    const Flagged result = operation({work.load_for_update(0), 0, work.flags(), work.size(0)});
    work.store(0, result.value);
    work.set_flags(result);
}

template <Arithmetic operation>
void compare(Execution& work) {
    const std::uint64_t first = work.load(0);
    work.set_flags(operation({first, work.load(1), work.flags(), work.size(0)}));
}

template <Flagged (*operation)(const Operation&, std::uint64_t)>
void shift_double(Execution& work) {
    const std::uint64_t first = work.load_for_update(0);
    const std::uint64_t fill = work.load(1);
    const Flagged result = operation({first, work.load(2), work.flags(), work.size(0)}, fill);
    work.store(0, result.value);
    work.set_flags(result);
}

constexpr Handler handlers[] = {
    {ZYDIS_MNEMONIC_ADD, update<add>},
    {ZYDIS_MNEMONIC_ADC, update<add_with_carry>},
    {ZYDIS_MNEMONIC_SUB, update<subtract>},
    {ZYDIS_MNEMONIC_SBB, update<subtract_with_borrow>},
    {ZYDIS_MNEMONIC_AND, update<bitwise_and>},
    {ZYDIS_MNEMONIC_OR, update<bitwise_or>},
    {ZYDIS_MNEMONIC_XOR, update<bitwise_xor>},
    {ZYDIS_MNEMONIC_CMP, compare<subtract>},
    {ZYDIS_MNEMONIC_TEST, compare<bitwise_and>},
    {ZYDIS_MNEMONIC_INC, update_alone<increment>},
    {ZYDIS_MNEMONIC_DEC, update_alone<decrement>},
    {ZYDIS_MNEMONIC_NEG, update_alone<negate>},
    {ZYDIS_MNEMONIC_NOT, update_alone<complement>},
    {ZYDIS_MNEMONIC_SHL, update<shift_left>},
    {ZYDIS_MNEMONIC_SHR, update<shift_right>},
    {ZYDIS_MNEMONIC_SAR, update<shift_right_arithmetic>},
    {ZYDIS_MNEMONIC_ROL, update<rotate_left>},
    {ZYDIS_MNEMONIC_ROR, update<rotate_right>},
    {ZYDIS_MNEMONIC_RCL, update<rotate_left_through_carry>},
    {ZYDIS_MNEMONIC_RCR, update<rotate_right_through_carry>},
    {ZYDIS_MNEMONIC_SHLD, shift_double<shift_left_double>},
    {ZYDIS_MNEMONIC_SHRD, shift_double<shift_right_double>},
};

}  // namespace

std::span<const Handler> alu_handlers() { return handlers; }

}  // namespace rmguest
