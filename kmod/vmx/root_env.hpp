// SPDX-License-Identifier: GPL-2.0-only
// Root's own GDT, TSS and IDT. Selectors are those of Linux, so that code that saves and restores
// CS and SS around an interrupt never meets a selector that the other side does not have.
#pragma once

#include "vmx/cpu.hpp"

namespace rmv {

inline constexpr u16 root_code_selector = 0x10;
inline constexpr u16 root_data_selector = 0x18;
inline constexpr u16 root_tss_selector = 0x40;

// Fills the descriptor tables of a CPU's memory. Any context, before the first launch.
void build_root_environment(Cpu& cpu) noexcept;

// Host RSP: the place of the saved registers, and above them of the return frame of the way out,
// 16-byte aligned.
[[nodiscard]] u64 root_frame(Cpu& cpu) noexcept;

}  // namespace rmv
