// SPDX-License-Identifier: GPL-2.0-only
// Commands of Linux to a parked CPU (abi.h: enum visor_command). Linux owns the mailbox while the
// command word is NONE; the visor writes the status, then NONE with release order.
#pragma once

#include <optional>

#include "vmx/entry.hpp"
#include "x86/result.hpp"

namespace rmv {

// Waits for commands until one of them makes the CPU enter something.
[[nodiscard]] Next serve_commands(Cpu& cpu, rmv_gprs& gprs) noexcept;

// Looks for a command once, and does it. Empty: the CPU stays parked.
[[nodiscard]] std::optional<Next> serve_command(Cpu& cpu, rmv_gprs& gprs) noexcept;

// The commands that may end the wait. They answer by themselves, before the CPU goes.
[[nodiscard]] std::optional<Next> run_guest(Cpu& cpu, rmv_gprs& gprs) noexcept;
[[nodiscard]] std::optional<Next> give_back(Cpu& cpu, rmv_gprs& gprs) noexcept;

inline void answer(Cpu& cpu, Status status) noexcept {
    store_relaxed(cpu.shared.command_status, static_cast<u32>(status.code));
    store_release(cpu.shared.command, u32{VISOR_COMMAND_NONE});
}

}  // namespace rmv
