// SPDX-License-Identifier: GPL-2.0-only
// The real-mode guest of a dedicated CPU: what the dispatcher calls.
//
// All of it runs in root on that CPU, with Linux gone from it. Nothing here touches memory outside
// struct Cpu and the globals, and nothing reads guest memory.
//
//      dispatcher -- park() --> serve_commands() <--- stop ---- handle_rm_exit()
//                                    |  RUN                          ^
//                                    +------> VM entry ---> guest ---+
#pragma once

#include "exit/context.hpp"

namespace rmv {

// The exit that took the CPU from Linux: its registers are in cpu.linux_gprs, the mode is parked,
// NMIs are unblocked. Returns when a command of Linux makes the CPU enter something; `gprs` then
// holds the registers for it.
[[nodiscard]] Next park(Cpu& cpu, rmv_gprs& gprs) noexcept;

// An exit of the guest.
[[nodiscard]] Next handle_rm_exit(ExitContext& exit, u32 raw_reason) noexcept;

// VMLAUNCH or VMRESUME of the guest ended in VMfail.
[[nodiscard]] Next handle_rm_entry_failure(rmv_gprs& gprs, Cpu& cpu) noexcept;

// An NMI hit root while the guest was served: somebody may have kicked it.
[[nodiscard]] Next handle_rm_nmi_pending(rmv_gprs& gprs, Cpu& cpu) noexcept;

}  // namespace rmv
