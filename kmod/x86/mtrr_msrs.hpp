// SPDX-License-Identifier: GPL-2.0-only
// Which MSRs are MTRRs (SDM: MTRR Registers). Nothing here reads one but IA32_MTRRCAP.
#pragma once

#include "x86/insn.hpp"

namespace rmv {

inline constexpr u32 mtrr_count_mask = 0xff;

struct MsrRange {
    u32 first, last;
};

// Fixed ranges and the default type; the variable ones depend on the CPU.
inline constexpr MsrRange mtrr_fixed_msrs[] = {
    {static_cast<u32>(Msr::mtrr_fix64k_00000), static_cast<u32>(Msr::mtrr_fix64k_00000)},
    {static_cast<u32>(Msr::mtrr_fix16k_80000), static_cast<u32>(Msr::mtrr_fix16k_a0000)},
    {static_cast<u32>(Msr::mtrr_fix4k_c0000), static_cast<u32>(Msr::mtrr_fix4k_c0000) + 7},
    {static_cast<u32>(Msr::mtrr_def_type), static_cast<u32>(Msr::mtrr_def_type)},
};

[[nodiscard]] inline MsrRange mtrr_variable_msrs() noexcept {
    const u32 count = low32(insn::rdmsr(Msr::mtrr_cap)) & mtrr_count_mask;
    const u32 first = static_cast<u32>(Msr::mtrr_physbase0);
    return {first, first + 2 * count - 1};
}

// Calls visit(msr) for each MTRR of this CPU that is there to be written.
template <typename Visit>
void for_each_mtrr(const Visit& visit) noexcept {
    const MsrRange variable = mtrr_variable_msrs();
    for (u32 msr = variable.first; msr <= variable.last; ++msr) visit(msr);
    for (const MsrRange& range : mtrr_fixed_msrs)
        for (u32 msr = range.first; msr <= range.last; ++msr) visit(msr);
}

}  // namespace rmv
