// SPDX-License-Identifier: GPL-2.0-only
// What tells about system-management mode (SDM: System Management Mode; System-Management Range
// Registers). Nothing here can be changed from outside SMM.
#pragma once

#include "x86/types.hpp"

namespace rmv {

// IA32_VMX_BASIC: the CPU knows the dual-monitor treatment of SMIs, and has IA32_SMM_MONITOR_CTL.
inline constexpr u64 vmx_basic_dual_monitor = bit(49);

// IA32_SMM_MONITOR_CTL.
enum class SmmMonitorCtl : u64 {
    valid = bit(0),                      // there is an SMM-transfer monitor (STM)
    vmxoff_keeps_smis_blocked = bit(2),  // may be 1 if IA32_VMX_MISC[28] is
};

inline constexpr u64 mtrr_cap_smrr = bit(11);

// IA32_SMRR_PHYSMASK. Base and mask cover bits 31:12.
inline constexpr u64 smrr_mask_valid = bit(11);
inline constexpr u64 smrr_address_bits = 0xffff'f000;

// SMRAM by the SMRRs: outside SMM it reads as ones and drops writes (SDM: System-Management Range
// Register Interface). Below 4 GiB.
struct Smram {
    u64 base = 0;
    u64 mask = 0;  // 0: none

    [[nodiscard]] constexpr bool exists() const noexcept { return mask != 0; }
    [[nodiscard]] constexpr bool holds(u64 address) const noexcept {
        return exists() && ((address ^ base) & mask) == 0;
    }
};

// SMRAM of old ("compatible SMRAM"): outside SMM the same addresses are the display's.
inline constexpr u64 legacy_smram_start = 0xa0000;
inline constexpr u64 legacy_smram_end = 0xc0000;

// Whether [base, base + size) and that meet, and whether it lies within.
[[nodiscard]] constexpr bool meets_legacy_smram(u64 base, u64 size) noexcept {
    return base < legacy_smram_end && base + size > legacy_smram_start;
}
[[nodiscard]] constexpr bool is_legacy_smram(u64 base, u64 size) noexcept {
    return base >= legacy_smram_start && base + size <= legacy_smram_end;
}

}  // namespace rmv
