// SPDX-License-Identifier: GPL-2.0-only
// RESET: a new guest, in the state that the architecture gives a CPU at power-up.
#pragma once

#include "vmx/cpu.hpp"
#include "x86/result.hpp"

namespace rmv {

// Takes EPT, VM and vCPU number from the mailbox and makes the CPU's guest VMCS current. What an
// earlier guest left is gone, even if this fails; a guest can then not be run.
[[nodiscard]] Status reset_guest(Cpu& cpu) noexcept;

}  // namespace rmv
