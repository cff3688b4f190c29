// SPDX-License-Identifier: GPL-2.0-only
// The MSRs that a real-mode guest has: one table, read and written by the guest's RDMSR and WRMSR
// and by its owner (the MSRS group).
#pragma once

#include <optional>

#include "vmx/cpu.hpp"
#include "vmx/vmcs.hpp"
#include "x86/msr.hpp"
#include "x86/result.hpp"

namespace rmv {

// Empty: the guest has no such MSR.
[[nodiscard]] std::optional<u64> read_guest_msr(const Cpu& cpu, Vmcs& vmcs, Msr msr) noexcept;

// False: no such MSR, or not this value; nothing has changed. A translation flush that fails shows
// in `flushed`.
[[nodiscard]] bool write_guest_msr(Cpu& cpu, Vmcs& vmcs, Msr msr, u64 value,
                                   Status& flushed) noexcept;

// The MSRS group: entries in order, up to the first that the guest has not; `done` says how many.
[[nodiscard]] Status get_msrs(Cpu& cpu, visor_msrs& msrs) noexcept;
[[nodiscard]] Status set_msrs(Cpu& cpu, visor_msrs& msrs) noexcept;

}  // namespace rmv
