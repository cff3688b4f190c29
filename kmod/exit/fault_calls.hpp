// SPDX-License-Identifier: GPL-2.0-only
// Failures that a build for tests forces while Linux is a guest. An ordinary build compiles them to
// nothing.
#pragma once

#include <optional>

#include "exit/context.hpp"
#include "fault_abi.h"

namespace rmv {

#ifdef RMVISOR_FAULT_INJECTION

// Whether an exit can be another than it is.
[[nodiscard]] inline bool is_fault_armed(const Cpu& cpu) noexcept {
    return cpu.armed_fault != VISOR_INJECT_NONE;
}

// The exit reason that the dispatcher shall see.
[[nodiscard]] u32 injected_reason(ExitContext& exit, u32 raw_reason) noexcept;

// The answer to a VMCALL of visor_fault_now(); nothing if it is another call.
[[nodiscard]] std::optional<Action> injected_call(ExitContext& exit) noexcept;

void record_window_nmis(Cpu& cpu) noexcept;

#else

[[nodiscard]] constexpr bool is_fault_armed(const Cpu&) noexcept { return false; }

[[nodiscard]] constexpr u32 injected_reason(ExitContext&, u32 raw_reason) noexcept {
    return raw_reason;
}

[[nodiscard]] constexpr std::optional<Action> injected_call(ExitContext&) noexcept {
    return std::nullopt;
}

inline void record_window_nmis(Cpu&) noexcept {}

#endif

}  // namespace rmv
