// SPDX-License-Identifier: GPL-2.0-only
//
// How `rmguest trace` shows records: a table, or JSON lines.
#pragma once

#include <cstdint>

#include "lib/trace_file.hpp"

namespace rmguest {

// Times are in TSC ticks from the first record.
void print_trace_table(const Trace& trace);

// One object per line.
void print_trace_json(const Trace& trace);

}  // namespace rmguest
