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

// entry.S writes the record of a CPUID by itself (quick_cpuid.h).
static_assert(offsetof(TraceRecord, tsc) == RECORD_TSC);
static_assert(offsetof(TraceRecord, root_ticks) == RECORD_ROOT_TICKS);
static_assert(offsetof(TraceRecord, cpu) == RECORD_CPU);
static_assert(offsetof(TraceRecord, vm) == RECORD_CPU + 2);
static_assert(offsetof(TraceRecord, vcpu) == RECORD_VCPU);
static_assert(offsetof(TraceRecord, reason) == RECORD_VCPU + 2);
static_assert(offsetof(TraceRecord, type) == RECORD_TYPE);
static_assert(offsetof(TraceRecord, insn_length) == RECORD_TYPE + RECORD_LENGTH_SHIFT / 8);
static_assert(offsetof(TraceRecord, rip) == RECORD_RIP);
static_assert(offsetof(TraceRecord, cs_base) == RECORD_CS_BASE);
static_assert(offsetof(TraceRecord, intr_info) == RECORD_CS_BASE + 4);
static_assert(offsetof(TraceRecord, qualification) == RECORD_QUALIFICATION);
static_assert(offsetof(TraceRecord, rax) == RECORD_RAX);
static_assert(offsetof(TraceRecord, rcx) == RECORD_RCX);
static_assert(offsetof(TraceRecord, rdx) == RECORD_RDX);
static_assert(offsetof(TraceRecord, error_code) == RECORD_ERROR_CODE);
static_assert(RECORD_OF_CPUID ==
              (RMVISOR_TRACE_EXIT | RMVISOR_ACTION_SKIP << 8 |
               (RMVISOR_TRACE_F_PROTECTED | RMVISOR_TRACE_F_CODE64 | RMVISOR_TRACE_F_REGS) << 16));
static_assert(offsetof(rmvisor_trace_map, head) == MAP_HEAD);

}  // namespace rmv
