// SPDX-License-Identifier: GPL-2.0-only
//
// What rmguest says when a guest ends in a state that can't be run any further.
#pragma once

#include <span>
#include <string>

#include "guest_bus.hpp"
#include "run_result.hpp"
#include "vcpu.hpp"

namespace rmguest {

// Reason and what to do. `page` is as KVM_RUN left it.
[[nodiscard]] Error explain_failure(RunEnd end, const kvm_run& page, bool is_rmvisor);

// Registers, CS:IP and the instruction there, several lines, each ended by a newline.
[[nodiscard]] std::string describe_state(const VcpuState& state,
                                         std::span<const std::uint8_t> memory);
// Parts of it, for a debugger.
[[nodiscard]] std::string describe_state(const VcpuState& state, GuestBus& bus);
[[nodiscard]] std::string describe_general_registers(const kvm_regs& registers);
[[nodiscard]] std::string flag_names(std::uint64_t flags);

}  // namespace rmguest
