// SPDX-License-Identifier: GPL-2.0-only
// What is kept when something in root goes wrong, for the shim to show (abi.h: struct visor_fault).
#pragma once

#include "vmx/entry.hpp"
#include "vmx/vmcs.hpp"

namespace rmv {

// Only the first fault of a CPU's time in VMX operation is kept: what follows is its consequence.
void record_exit_fault(Cpu& cpu, Vmcs& vmcs, visor_fault_kind kind, u32 raw_reason,
                       u32 rule) noexcept;
void record_refused_vmxoff(Cpu& cpu) noexcept;
void record_root_fault(Cpu& cpu, const FaultFrame& frame) noexcept;

// A fault that can't be left behind: the CPU stands still, with its record. Linux finds it silent.
[[noreturn]] void stand_still(Cpu& cpu) noexcept;

// A machine check that hit root goes to Linux, whose handler reads the banks: they stay as they
// are. The frame then leads back to what was interrupted, or to the last test before the entry.
void take_machine_check(FaultFrame& frame, Cpu& cpu) noexcept;

}  // namespace rmv
