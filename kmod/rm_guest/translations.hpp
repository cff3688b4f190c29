// SPDX-License-Identifier: GPL-2.0-only
// Cached translations of the guest (SDM: Operations that Invalidate Cached Mappings). VM entries
// and exits keep them, so whatever changes the guest's paging behind its back flushes them here.
#pragma once

#include "vmx/cpu.hpp"
#include "x86/result.hpp"

namespace rmv {

// Root and Linux run with VPID 0 and small numbers may be handed out later: the guest of a CPU has
// one in the upper half. Never 0.
[[nodiscard]] constexpr u16 guest_vpid(u32 cpu_number) noexcept {
    constexpr u32 upper_half = 0x8000;
    return static_cast<u16>(upper_half | ((cpu_number + 1) & (upper_half - 1)));
}

// Linear and combined mappings of the guest, as a change of CR0.PG, EFER.NXE or CR4 flushes them.
[[nodiscard]] Status flush_linear(const Cpu& cpu) noexcept;
// Guest-physical and combined mappings made from an EPT.
[[nodiscard]] Status flush_guest_physical(u64 ept_pointer) noexcept;

}  // namespace rmv
