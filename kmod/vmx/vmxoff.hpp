// SPDX-License-Identifier: GPL-2.0-only
// The end of VMX operation, which the CPU may refuse: while the dual-monitor treatment of SMIs is
// active VMXOFF fails (SDM: VMXOFF). Linux then stays a guest, and whoever wanted the CPU is told.
#pragma once

#include "vmx/entry.hpp"

namespace rmv {

// IA32_SMM_MONITOR_CTL[2]: SMIs that are blocked stay so after VMXOFF.
[[nodiscard]] bool vmxoff_keeps_smis_blocked() noexcept;

// Root, no VMCS current. False: still in VMX operation.
[[nodiscard]] bool leave_vmx_operation(Cpu& cpu) noexcept;

// After that, and before anything of Linux's world was restored. Linux goes on as a guest where it
// would have gone on natively, if it had asked to leave; if an exit without an answer is why, there
// is no way on, and the CPU stands still. `seen`: PENDING_* that hit root meanwhile.
[[nodiscard]] Next stay_in_vmx(Cpu& cpu, u32 seen) noexcept;

}  // namespace rmv
