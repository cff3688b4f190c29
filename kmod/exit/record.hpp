// SPDX-License-Identifier: GPL-2.0-only
// What an exit leaves behind: a trace record, and its latency in the statistics.
#pragma once

#include "exit/context.hpp"
#include "exit/statistics.hpp"
#include "vmx/trace_event.hpp"

namespace rmv {

void record_handled_exit(ExitContext& exit, u32 raw_reason, Action action) noexcept;

// An exit that has been handled, before the next entry.
inline void record_exit(ExitContext& exit, u32 raw_reason, Action action) noexcept {
    if (exit.start != 0) record_handled_exit(exit, raw_reason, action);
}

}  // namespace rmv
