// SPDX-License-Identifier: GPL-2.0-only
// The end of an instruction that was done for the guest.
#pragma once

#include "vmx/vmcs.hpp"

namespace rmv {

// RIP past the instruction that exited, and what executing it would have brought about: STI and
// MOV-SS blocking ends, and with RFLAGS.TF set the guest gets its single-step #DB.
void finish_instruction(Vmcs& vmcs) noexcept;

}  // namespace rmv
