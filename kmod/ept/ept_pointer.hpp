// SPDX-License-Identifier: GPL-2.0-only
// The extended-page-table pointer field of the VMCS.
//
// Source: Intel SDM volume 3, "Extended-Page-Table Pointer (EPTP)".
#pragma once

#include "x86/memory_type.hpp"
#include "x86/types.hpp"

namespace rmv {

// Bits 2:0 memory type of the tables, 5:3 levels less one, 6 accessed and dirty flags, 7
// supervisor shadow-stack control, then the root's address.
enum class EptPointerBit : u64 {
    accessed_dirty = bit(6),
    supervisor_shadow_stack = bit(7),
};

inline constexpr unsigned ept_pointer_levels_shift = 3;

// Write-back tables. Accessed and dirty flags stay off: nothing reads them, and with them on every
// page walk is a write to the tables.
[[nodiscard]] constexpr u64 make_ept_pointer(u64 root, unsigned levels) noexcept {
    return root | (u64{levels - 1} << ept_pointer_levels_shift) |
           static_cast<u64>(MemoryType::write_back);
}

static_assert(make_ept_pointer(0x1000, 4) == 0x101e);

}  // namespace rmv
