// SPDX-License-Identifier: GPL-2.0-only
// The host-state area: the same world for every VMCS of a CPU.
#pragma once

#include "vmx/cpu.hpp"
#include "vmx/vmcs.hpp"

namespace rmv {

// Control registers of root: constants from a whitelist, never Linux's (SDM: Checks on Host Control
// Registers, MSRs, and SSP). LASS, SMAP, CET, FRED and PKE of Linux stay outside.
[[nodiscard]] u64 root_cr4() noexcept;

void write_host_state(Vmcs& vmcs, Cpu& cpu) noexcept;

}  // namespace rmv
