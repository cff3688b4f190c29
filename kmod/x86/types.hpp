// SPDX-License-Identifier: GPL-2.0-only
// Fixed-width integers as the border (abi.h) has them, and the few helpers that everything uses.
#pragma once

#include "abi.h"

namespace rmv {

using u8 = rmv_u8;
using u16 = rmv_u16;
using u32 = rmv_u32;
using u64 = rmv_u64;
using uptr = unsigned long;

static_assert(sizeof(u8) == 1 && sizeof(u16) == 2 && sizeof(u32) == 4 && sizeof(u64) == 8);

inline constexpr u64 page_size = RMV_PAGE_SIZE;
inline constexpr u64 page_mask = page_size - 1;

[[nodiscard]] constexpr u64 bit(unsigned n) noexcept { return u64{1} << n; }

// Bits high..low of a word, moved down; bounds as the SDM writes them.
[[nodiscard]] constexpr u64 bits(u64 word, unsigned high, unsigned low) noexcept {
    const unsigned width = high - low + 1;
    return (word >> low) & (width == 64 ? ~u64{0} : bit(width) - 1);
}

[[nodiscard]] constexpr u32 low32(u64 word) noexcept { return static_cast<u32>(word); }
[[nodiscard]] constexpr u32 high32(u64 word) noexcept { return static_cast<u32>(word >> 32); }
[[nodiscard]] constexpr u64 join(u32 high, u32 low) noexcept { return (u64{high} << 32) | low; }

// A scoped enum of single bits as a word: mask(Cr4::vmxe, Cr4::pae).
template <typename... Bit>
[[nodiscard]] constexpr u64 mask(Bit... one) noexcept {
    return (u64{0} | ... | static_cast<u64>(one));
}

template <typename Bit>
[[nodiscard]] constexpr bool has(u64 word, Bit one) noexcept {
    return (word & static_cast<u64>(one)) != 0;
}

}  // namespace rmv
