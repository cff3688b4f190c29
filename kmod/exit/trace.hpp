// SPDX-License-Identifier: GPL-2.0-only
// What an exit leaves in the trace, and the counters per exit reason.
#pragma once

#include "exit/context.hpp"
#include "vmx/trace_event.hpp"

namespace rmv {

// An exit that has been handled. `start` is the TSC at its begin.
void trace_exit(ExitContext& exit, u64 start, u32 raw_reason, Action action) noexcept;

// Reasons beyond the table (none exists today) share the last counter.
inline void count_reason(u64 (&counters)[RMV_EXIT_REASONS], u32 raw_reason) noexcept {
    constexpr u32 basic_reason_mask = 0xffff;
    const u32 reason = raw_reason & basic_reason_mask;
    count(counters[reason < RMV_EXIT_REASONS ? reason : RMV_EXIT_REASONS - 1]);
}

}  // namespace rmv
