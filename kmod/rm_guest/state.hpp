// SPDX-License-Identifier: GPL-2.0-only
// The REGS group: the registers of a stopped vCPU, as the guest sees them.
#pragma once

#include "vmx/cpu.hpp"
#include "x86/result.hpp"

namespace rmv {

[[nodiscard]] Status get_state(Cpu& cpu, visor_vcpu_state& state) noexcept;

// VISOR_BAD_ARGUMENT, nothing changed: a bit that this guest may not have (detail says in which
// register). What VM entry checks is not
// checked here: the next RUN then fails by name.
[[nodiscard]] Status set_state(Cpu& cpu, const visor_vcpu_state& state) noexcept;

// Detail of VISOR_BAD_ARGUMENT.
enum class StateError : u64 { cr0 = 1, cr4, cr8, efer, apic_base };

}  // namespace rmv
