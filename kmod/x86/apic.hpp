// SPDX-License-Identifier: GPL-2.0-only
// Local APIC registers (SDM: Local APIC Register Address Map) and the ICR's layout.
#pragma once

#include "x86/types.hpp"

namespace rmv {

// Offsets in the xAPIC page.
enum class ApicRegister : u32 { id = 0x20, eoi = 0xb0, isr0 = 0x100, icr_low = 0x300, icr_high = 0x310 };

inline constexpr u32 icr_delivery_mode_shift = 8;
inline constexpr u32 icr_delivery_pending = 1u << 12;
inline constexpr u32 icr_level_assert = 1u << 14;
inline constexpr u32 icr_high_destination_shift = 24;

// IA32_APIC_BASE
enum class ApicBase : u64 { bootstrap = bit(8), x2apic = bit(10), enabled = bit(11) };
inline constexpr u64 apic_base_default = 0xfee00000;

}  // namespace rmv
