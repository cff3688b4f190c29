// SPDX-License-Identifier: GPL-2.0-only
// GET_STATE and SET_STATE: one group of a stopped vCPU's state (vcpu_abi.h: enum visor_group).
#pragma once

#include "vmx/cpu.hpp"
#include "x86/result.hpp"

namespace rmv {

// VISOR_WRONG_STATE: there has been no RESET. VISOR_UNSUPPORTED: this visor has no such group.
[[nodiscard]] Status get_group(Cpu& cpu, u32 group, visor_group_data& data) noexcept;

// Also VISOR_BAD_ARGUMENT; an error changes nothing, but for MSRs, which are written one by one.
[[nodiscard]] Status set_group(Cpu& cpu, u32 group, visor_group_data& data) noexcept;

}  // namespace rmv
