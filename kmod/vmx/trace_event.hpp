// SPDX-License-Identifier: GPL-2.0-only
// Trace records of what happens to a CPU apart from VM exits (those: exit/record.hpp).
#pragma once

#include "vmx/cpu.hpp"

namespace rmv {

[[nodiscard]] inline bool trace_is_on(const Cpu& cpu) noexcept {
    return (cpu.watch & watch_trace) != 0;
}

// The CPU's next record with what all kinds have in common; the rest of it is 0.
[[nodiscard]] TraceRecord& start_trace_record(Cpu& cpu, rmvisor_trace_type type,
                                              u64 start) noexcept;

// Keeps the record of start_trace_record() if the filter accepts it.
inline void finish_trace_record(Cpu& cpu, const TraceRecord& record) noexcept {
    if (cpu.filter.accepts(record)) cpu.trace.publish(cpu.shared.trace_tail);
}

// TSC ticks as a record holds them: saturated.
[[nodiscard]] constexpr u32 saturated(u64 ticks) noexcept {
    return ticks > ~u32{0} ? ~u32{0} : low32(ticks);
}

void record_event(Cpu& cpu, rmvisor_trace_type type, u64 start, u64 qualification) noexcept;

// `qualification`: what the type says in the ABI header.
inline void trace_event(Cpu& cpu, rmvisor_trace_type type, u64 start, u64 qualification) noexcept {
    if (trace_is_on(cpu)) record_event(cpu, type, start, qualification);
}

// An exception in root.
void trace_root_fault(Cpu& cpu, u64 vector, u64 error_code, u64 rip) noexcept;

}  // namespace rmv
