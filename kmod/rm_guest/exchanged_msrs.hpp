// SPDX-License-Identifier: GPL-2.0-only
// MSRs that VM entry and exit leave alone and that root does not use: those of SYSCALL and SWAPGS,
// and IA32_TSC_AUX. They are the guest's in the CPU from RESET on, and Linux's again before the CPU
// goes back; neither ever sees the other's.
#pragma once

#include "vmx/cpu.hpp"

namespace rmv {

[[nodiscard]] bool is_exchanged(Msr msr) noexcept;

// RESET: Linux's are kept, the guest's start as 0.
void reset_exchanged_msrs(Cpu& cpu) noexcept;
// GIVE_BACK: Linux's, if a guest ever had the CPU.
void give_back_exchanged_msrs(Cpu& cpu) noexcept;

// False: WRMSR would be #GP(0); nothing was written.
[[nodiscard]] bool write_exchanged_msr(Msr msr, u64 value) noexcept;

}  // namespace rmv
