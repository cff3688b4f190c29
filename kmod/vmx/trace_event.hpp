// SPDX-License-Identifier: GPL-2.0-only
// Trace records of what happens to a CPU apart from VM exits (those: exit/trace.hpp).
#pragma once

#include "vmx/cpu.hpp"

namespace rmv {

[[nodiscard]] inline bool trace_is_on(const Cpu& cpu) noexcept {
    return load_relaxed(cpu.shared.trace_on) != 0;
}

// A record with what all kinds have in common.
[[nodiscard]] TraceRecord start_trace_record(const Cpu& cpu, rmvisor_trace_type type,
                                             u64 start) noexcept;

// TSC ticks since `start`, as a record holds them: saturated.
[[nodiscard]] u32 ticks_since(u64 start) noexcept;

// `qualification`: what the type says in the ABI header.
void trace_event(Cpu& cpu, rmvisor_trace_type type, u64 start, u64 qualification) noexcept;

}  // namespace rmv
