// SPDX-License-Identifier: GPL-2.0-only
//
// Trace records in words.
#pragma once

#include <linux/rmvisor.h>

#include <string>

#include "disassembler.hpp"

namespace rmguest {

// "linux", or "vm3/vcpu0".
[[nodiscard]] std::string describe_guest(const rmvisor_trace_record& record);

// The SDM's name of the exit reason; for other events, what happened.
[[nodiscard]] std::string describe_event(const rmvisor_trace_record& record);

// The exit qualification and what else the record holds, decoded; may be empty.
[[nodiscard]] std::string describe_detail(const rmvisor_trace_record& record);

// What the visor did about it.
[[nodiscard]] std::string describe_action(const rmvisor_trace_record& record);

// SEG:OFF in 16-bit code whose segment has a real-mode base, else the linear address.
[[nodiscard]] std::string describe_address(const rmvisor_trace_record& record);

// Whether the record is of a place in a program: an exit, not an event of the visor's own.
[[nodiscard]] bool has_instruction(const rmvisor_trace_record& record);

[[nodiscard]] CodeSize code_size(const rmvisor_trace_record& record);

[[nodiscard]] std::uint64_t instruction_address(const rmvisor_trace_record& record);

}  // namespace rmguest
