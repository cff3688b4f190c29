// SPDX-License-Identifier: GPL-2.0-only
//
// Instructions that test, find and count bits.
#include <bit>

#include "handlers.hpp"

namespace rmguest {
namespace {

enum class Change { none, set, reset, complement };

std::uint64_t changed(std::uint64_t value, std::uint64_t mask, Change change) {
    switch (change) {
        case Change::none: return value;
        case Change::set: return value | mask;
        case Change::reset: return value & ~mask;
        case Change::complement: return value ^ mask;
    }
    return value;
}

// A register's bit number is signed and reaches beyond the operand; an immediate's does not.
template <Change change>
void test_bit(Execution& work) {
    const unsigned size = work.size(0);
    const unsigned bits = 8 * size;
    const auto number = static_cast<std::int64_t>(sign_extend(work.load(1), work.size(1)));
    const bool is_register = work.operand(1).type == ZYDIS_OPERAND_TYPE_REGISTER;
    const std::int64_t unit = is_register ? number >> std::countr_zero(bits) : 0;
    const std::int64_t move = unit * size;
    const unsigned bit = static_cast<unsigned>(number) & (bits - 1);
    const std::uint64_t mask = std::uint64_t{1} << bit;
    const bool is_update = change != Change::none;
    const std::uint64_t value =
        work.load_memory(0, move, size, is_update ? Access::write : Access::read);
    if (is_update) {
        work.store_memory(0, move, size, changed(value, mask, change));
    }
    work.set_flag(rflags::carry, (value & mask) != 0);
}

// With nothing to find, the destination stays as it is, all 64 bits of it: undefined by the SDM,
// and what CPUs do.
template <bool from_top>
void scan(Execution& work) {
    const std::uint64_t value = work.load(1);
    work.set_flag(rflags::zero, value == 0);
    if (value != 0) {
        work.store(0, static_cast<std::uint64_t>(from_top ? 63 - std::countl_zero(value)
                                                          : std::countr_zero(value)));
    }
}

template <bool from_top>
void count_zeros(Execution& work) {
    const unsigned bits = 8 * work.size(0);
    const std::uint64_t value = work.load(1);
    const unsigned leading = static_cast<unsigned>(std::countl_zero(value)) - (64 - bits);
    const unsigned trailing = value == 0 ? bits : static_cast<unsigned>(std::countr_zero(value));
    const unsigned count = from_top ? leading : trailing;
    work.store(0, count);
    work.set_flag(rflags::carry, count == bits);
    work.set_flag(rflags::zero, count == 0);
}

void count_ones(Execution& work) {
    const std::uint64_t value = work.load(1);
    work.store(0, static_cast<std::uint64_t>(std::popcount(value)));
    work.set_flags({0, value == 0 ? rflags::zero : 0, rflags::status});
}

constexpr Handler handlers[] = {
    {ZYDIS_MNEMONIC_BT, test_bit<Change::none>},
    {ZYDIS_MNEMONIC_BTS, test_bit<Change::set>},
    {ZYDIS_MNEMONIC_BTR, test_bit<Change::reset>},
    {ZYDIS_MNEMONIC_BTC, test_bit<Change::complement>},
    {ZYDIS_MNEMONIC_BSF, scan<false>},
    {ZYDIS_MNEMONIC_BSR, scan<true>},
    {ZYDIS_MNEMONIC_TZCNT, count_zeros<false>},
    {ZYDIS_MNEMONIC_LZCNT, count_zeros<true>},
    {ZYDIS_MNEMONIC_POPCNT, count_ones},
};

}  // namespace

std::span<const Handler> bit_handlers() { return handlers; }

}  // namespace rmguest
