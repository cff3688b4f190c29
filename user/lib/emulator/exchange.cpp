// SPDX-License-Identifier: GPL-2.0-only
//
// XCHG, XADD and compare-and-exchange. Memory is stored to before registers, which may be part of
// its address.
#include "handlers.hpp"

namespace rmguest {
namespace {

constexpr unsigned rax = 0;
constexpr unsigned rcx = 1;
constexpr unsigned rdx = 2;
constexpr unsigned rbx = 3;

void exchange(Execution& work) {
    const unsigned memory = work.is_memory(0) ? 0 : 1;
    const std::uint64_t in_memory = work.load_for_update(memory);
    work.store(memory, work.load(1 - memory));
    work.store(1 - memory, in_memory);
}

void exchange_and_add(Execution& work) {
    const std::uint64_t first = work.load_for_update(0);
    const Flagged sum = add({first, work.load(1), work.flags(), work.size(0)});
    work.store(0, sum.value);
    work.store(1, first);
    work.set_flags(sum);
}

// The destination is written in either case (SDM: CMPXCHG).
void compare_and_exchange(Execution& work) {
    const unsigned size = work.size(0);
    const std::uint64_t found = work.load_for_update(0);
    const Flagged difference = subtract({work.general(rax, size), found, 0, size});
    const bool is_equal = difference.value == 0;
    work.store(0, is_equal ? work.load(1) : found);
    if (!is_equal) {
        work.set_general(rax, size, found);
    }
    work.set_flags(difference);
}

// CMPXCHG8B and CMPXCHG16B: two halves of `half` bytes. The latter wants its operand aligned.
template <unsigned half>
void compare_and_exchange_pair(Execution& work) {
    const auto linear = work.linear_of(0, 0, 2 * half, Access::write);
    if (half == 8 && linear && *linear % 16 != 0) {
        work.raise({Vector::general_protection, 0});
    }
    const std::uint64_t low = work.load_memory(0, 0, half, Access::write);
    const std::uint64_t high = work.load_memory(0, half, half, Access::write);
    const bool is_equal = low == work.general(rax, half) && high == work.general(rdx, half);
    work.store_memory(0, 0, half, is_equal ? work.general(rbx, half) : low);
    work.store_memory(0, half, half, is_equal ? work.general(rcx, half) : high);
    if (!is_equal) {
        work.set_general(rax, half, low);
        work.set_general(rdx, half, high);
    }
    work.set_flag(rflags::zero, is_equal);
}

constexpr Handler handlers[] = {
    {ZYDIS_MNEMONIC_XCHG, exchange},
    {ZYDIS_MNEMONIC_XADD, exchange_and_add},
    {ZYDIS_MNEMONIC_CMPXCHG, compare_and_exchange},
    {ZYDIS_MNEMONIC_CMPXCHG8B, compare_and_exchange_pair<4>},
    {ZYDIS_MNEMONIC_CMPXCHG16B, compare_and_exchange_pair<8>},
};

}  // namespace

std::span<const Handler> exchange_handlers() { return handlers; }

}  // namespace rmguest
