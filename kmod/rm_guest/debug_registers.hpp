// SPDX-License-Identifier: GPL-2.0-only
// DR0 to DR3 and DR6 have no field in the VMCS: they are the guest's in the CPU itself from RESET
// on, since root uses none of them and the exit turns them off (SDM: Loading Host Control
// Registers, Debug Registers, MSRs).
#pragma once

#include "vmx/cpu.hpp"
#include "x86/result.hpp"

namespace rmv {

[[nodiscard]] Status get_debug_registers(visor_debug_state& state) noexcept;
// VISOR_BAD_ARGUMENT: DR6 or DR7 has more than 32 bits.
[[nodiscard]] Status set_debug_registers(const visor_debug_state& state) noexcept;
// The architecture's reset values; nothing of Linux, or of a guest, is left.
void reset_debug_addresses() noexcept;

}  // namespace rmv
