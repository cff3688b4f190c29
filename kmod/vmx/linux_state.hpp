// SPDX-License-Identifier: GPL-2.0-only
// The VMCS of Linux: the running kernel, as this CPU has it at this moment, as guest state.
#pragma once

#include "vmx/cpu.hpp"
#include "vmx/vmcs.hpp"

namespace rmv {

inline constexpr u64 vmcs_link_none = ~u64{0};

// Linux's context on this CPU, interrupts off, the CPU's VMCS current. RIP and RSP are written by
// visor_launch_here().
Status write_linux_controls(Vmcs& vmcs, const Cpu& cpu) noexcept;
void capture_linux_state(Vmcs& vmcs) noexcept;

}  // namespace rmv
