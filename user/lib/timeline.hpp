// SPDX-License-Identifier: GPL-2.0-only
//
// A trace as slices of time: who had each CPU, from when to when.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trace_file.hpp"

namespace rmguest {

enum class SliceKind { guest, visor, user, parked, event };

struct Slice {
    SliceKind kind;
    std::uint32_t cpu;
    std::uint64_t start;           // TSC
    std::uint64_t end;             // TSC; the same as start for an event
    std::string name;              // linux, vm3/vcpu0, an exit reason, user, ...
    const TraceFileEntry* record;  // of visor and event; else null
};

// By CPU, then time. Slices of one CPU never overlap, but an event may lie in one.
[[nodiscard]] std::vector<Slice> make_slices(const Trace& trace);

[[nodiscard]] const char* to_string(SliceKind kind);

}  // namespace rmguest
