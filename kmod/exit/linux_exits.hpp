// SPDX-License-Identifier: GPL-2.0-only
// The VM exits of Linux.
#pragma once

#include "exit/context.hpp"

namespace rmv {

// What the shim asks of the visor by VMCALL, from its own code, at CPL 0.
enum class Call : u64 {
    leave = 0x524d5601,         // leave VMX operation on this CPU
    prepare_take = 0x524d5602,  // this CPU is about to be offlined for a guest
    use_map = 0x524d5603,       // RSI: EPT pointer of Linux's new map
    watch = 0x524d5604,         // follow visor_public.watch_request
};
inline constexpr u64 call_done = 0;

// Decides about one exit of Linux. Sets up events and registers, but never moves RIP: that is
// Action::skip.
[[nodiscard]] Action handle_linux_exit(ExitContext& exit, ExitReason reason) noexcept;

// PENDING_* events for Linux at the next entry, or right after it if it injects an event already.
void deliver_pending(Cpu& cpu, Vmcs& vmcs, u32 pending) noexcept;

// Parts, one file each.
[[nodiscard]] Action handle_cpuid(ExitContext& exit) noexcept;
[[nodiscard]] Action handle_xsetbv(ExitContext& exit) noexcept;
[[nodiscard]] Action handle_linux_rdmsr(ExitContext& exit) noexcept;
[[nodiscard]] Action handle_linux_wrmsr(ExitContext& exit) noexcept;
[[nodiscard]] Action handle_cr_access(ExitContext& exit) noexcept;
[[nodiscard]] Action handle_vmcall(ExitContext& exit) noexcept;
[[nodiscard]] Action handle_vmxon(ExitContext& exit) noexcept;
[[nodiscard]] Action handle_nmi_exit(ExitContext& exit) noexcept;
[[nodiscard]] Action handle_preemption_timer(ExitContext& exit) noexcept;

}  // namespace rmv
