// SPDX-License-Identifier: GPL-2.0-only
// Memory types as MTRRs and EPT entries encode them, and what overlapping ranges make of them.
//
// Source: Intel SDM volume 3, "Memory Types That Can Be Encoded in MTRRs" and "MTRR Precedences".
#pragma once

#include "x86/types.hpp"

namespace rmv {

enum class MemoryType : u8 {
    uncacheable = 0,
    write_combining = 1,
    write_through = 4,
    write_protected = 5,
    write_back = 6,
};

// The type in a byte of an MTRR. A reserved encoding can't be loaded by WRMSR; should one be read
// all the same, uncacheable is the type that is never wrong, only slow.
[[nodiscard]] constexpr MemoryType decode_memory_type(u64 encoding) noexcept {
    switch (static_cast<MemoryType>(bits(encoding, 7, 0))) {
        case MemoryType::uncacheable:
        case MemoryType::write_combining:
        case MemoryType::write_through:
        case MemoryType::write_protected:
        case MemoryType::write_back: return static_cast<MemoryType>(bits(encoding, 7, 0));
    }
    return MemoryType::uncacheable;
}

// Whether the processor's caches may hold lines of such memory.
[[nodiscard]] constexpr bool is_cached(MemoryType type) noexcept {
    return type != MemoryType::uncacheable && type != MemoryType::write_combining;
}

// The type where two variable ranges overlap. The SDM leaves combinations other than "equal", "one
// is UC" and "WT over WB" undefined; they become UC. The result does not depend on the order in
// which more than two ranges are combined.
[[nodiscard]] constexpr MemoryType overlap(MemoryType one, MemoryType other) noexcept {
    const auto is = [one, other](MemoryType first, MemoryType second) {
        return (one == first && other == second) || (one == second && other == first);
    };
    if (one == other) return one;
    if (is(MemoryType::write_through, MemoryType::write_back)) return MemoryType::write_through;
    return MemoryType::uncacheable;
}

static_assert(decode_memory_type(6) == MemoryType::write_back);
static_assert(decode_memory_type(7) == MemoryType::uncacheable);
static_assert(overlap(MemoryType::write_back, MemoryType::write_through) ==
              MemoryType::write_through);
static_assert(overlap(MemoryType::write_back, MemoryType::write_combining) ==
              MemoryType::uncacheable);

}  // namespace rmv
