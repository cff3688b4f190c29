// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest trace --follow and --record: the running module's records until Ctrl-C.
#pragma once

#include "trace_options.hpp"

namespace rmguest {

// Both return the exit status.
[[nodiscard]] Result<int> follow_trace(const TraceArguments& arguments, const TracePlan& plan,
                                       std::FILE* out);
[[nodiscard]] Result<int> record_trace(const TraceArguments& arguments, const TracePlan& plan);

}  // namespace rmguest
