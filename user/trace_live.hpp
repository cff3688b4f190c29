// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest trace --follow and --record: the running module's records until Ctrl-C.
#pragma once

#include "lib/trace_stream.hpp"
#include "trace_options.hpp"

namespace rmguest {

// The module's records as far as they are chosen.
[[nodiscard]] Result<TraceStream> open_stream(const TraceArguments& arguments,
                                              const TracePlan& plan);

// Of the running kernel, the image of --image, and the guests that the module knows.
[[nodiscard]] TraceSymbols live_symbols(const TraceArguments& arguments, const TracePlan& plan);

// Both return the exit status.
[[nodiscard]] Result<int> follow_trace(const TraceArguments& arguments, const TracePlan& plan,
                                       std::FILE* out);
[[nodiscard]] Result<int> record_trace(const TraceArguments& arguments, const TracePlan& plan);

}  // namespace rmguest
