// SPDX-License-Identifier: GPL-2.0-only
// What the CPU checks of a segment before it accesses memory through it (SDM: Limit Checking, Type
// Checking, Segmentation in IA-32e Mode).
#pragma once

#include "vmx/vmcs.hpp"

namespace rmv {

// In the order of the VMCS's fields and of instruction information.
enum class SegmentRegister : u8 { es = 0, cs = 1, ss = 2, ds = 3, fs = 4, gs = 5 };

// Elements of `size` bytes, one after the other, each `size` above or below the one before.
struct SegmentAccess {
    SegmentRegister segment;
    u64 offset;  // of the first one
    u8 size;
    bool write;
    bool backwards;
    u64 last_offset;  // of the address size: beyond it offsets wrap around
};

// How many of them may be accessed before the first that raises #GP or #SS; they lie in one piece.
// 0: the first one does.
[[nodiscard]] u64 elements_in_segment(Vmcs& vmcs, const SegmentAccess& access) noexcept;

}  // namespace rmv
