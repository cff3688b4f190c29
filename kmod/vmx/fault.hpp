// SPDX-License-Identifier: GPL-2.0-only
// What is kept when something in root goes wrong, for the shim to show (abi.h: struct visor_fault).
#pragma once

#include "vmx/entry.hpp"
#include "vmx/vmcs.hpp"

namespace rmv {

// Only the first fault of a CPU's time in VMX operation is kept: what follows is its consequence.
void record_exit_fault(Cpu& cpu, Vmcs& vmcs, visor_fault_kind kind, u32 raw_reason, u32 rule) noexcept;
void record_root_fault(Cpu& cpu, const FaultFrame& frame) noexcept;

}  // namespace rmv
