// SPDX-License-Identifier: GPL-2.0-only
// INS and OUTS (SDM: INS/INSB/INSW/INSD; OUTS; Information for VM Exits Due to Instruction
// Execution).
//
// The exit comes before the memory operand is looked at. What belongs to the segment is done here,
// from the VMCS; page tables and data are the shim's, which can read them. So an INS or OUTS stops
// the guest with the number of elements that one go may move, and comes back with how many were
// moved.
#pragma once

#include "exit/context.hpp"

namespace rmv {

// Stops, or gives the guest its #GP or #SS, or skips a REP of nothing.
[[nodiscard]] Action handle_string_io(ExitContext& exit, const IoQualification& io,
                                      visor_stop& stop) noexcept;

// The owner has moved `elements`. Registers follow; RIP moves on when nothing is left to do.
void complete_string_io(RmGuest& rm, Vmcs& vmcs, u32 elements) noexcept;

// The owner found no page: the guest gets #PF.
void fail_string_io(RmGuest& rm, Vmcs& vmcs, u64 address, u32 error_code) noexcept;

}  // namespace rmv
