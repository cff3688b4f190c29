// SPDX-License-Identifier: GPL-2.0-only
// The state after power-up (SDM: IA-32 and Intel 64 Processor States Following Power-up, Reset, or
// INIT).
#pragma once

#include "vmx/cpu.hpp"
#include "vmx/vmcs.hpp"

namespace rmv {

// IA32_APIC_BASE of the boot processor: enabled, xAPIC mode, at its usual place.
inline constexpr u64 apic_base_reset = 0xfee00900;
inline constexpr u64 apic_base_reset_ap = 0xfee00800;

// EDX: family, model and stepping.
[[nodiscard]] u32 reset_signature() noexcept;

// Guest-state area and what is injected at the entry: all of it, control registers through their
// masks.
void write_reset_state(RmGuest& rm, Vmcs& vmcs) noexcept;

// The same after an INIT, which leaves PAT and the SYSENTER MSRs alone, and CR0.CD and NW.
void write_init_state(RmGuest& rm, Vmcs& vmcs, u64 cr0) noexcept;

}  // namespace rmv
