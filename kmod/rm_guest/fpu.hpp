// SPDX-License-Identifier: GPL-2.0-only
// x87, SSE and the extended states of the guest, and XCR0.
//
// Root uses none of these registers, so while the CPU is dedicated they hold the guest's values and
// XCR0 is the guest's, in root too. Linux's go at RESET and the guest's at GIVE_BACK: both sides
// find initial states, which is what Linux expects of a CPU that comes online.
#pragma once

#include "vmx/cpu.hpp"
#include "x86/result.hpp"

namespace rmv {

[[nodiscard]] Status get_fpu(visor_fpu_state& state) noexcept;
// VISOR_BAD_ARGUMENT: an image or an XCR0 that XRSTOR or XSETBV of this guest would refuse.
[[nodiscard]] Status set_fpu(const visor_fpu_state& state) noexcept;

// Before the first RESET: what Linux has in XCR0.
void remember_linux_xcr0(Cpu& cpu) noexcept;
// The architecture's reset state (SDM: IA-32 and Intel 64 Processor States Following Power-up,
// Reset, or INIT), XCR0 included.
void reset_fpu(const Cpu& cpu) noexcept;
// Initial states and Linux's XCR0.
void give_back_fpu(const Cpu& cpu) noexcept;

// XSETBV of XCR0 by this guest: only components that root keeps apart, in legal combinations.
[[nodiscard]] bool is_valid_xcr0(u64 value) noexcept;
[[nodiscard]] u64 read_guest_xcr0() noexcept;
void write_guest_xcr0(u64 value) noexcept;

}  // namespace rmv
