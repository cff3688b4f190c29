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

// A record in two halves, around a CPUID of Linux's 64-bit code. Between them nothing else is
// recorded. Each word is written once: what is not said of a CPUID is 0.
inline void begin_linux_cpuid_record(Cpu& cpu, const rmv_gprs& gprs, u64 start, u64 rip,
                                     u32 length) noexcept {
    TraceRecord& record = cpu.trace.slot();
    record.tsc = start;
    record.cpu = static_cast<u16>(cpu.number);
    record.vm = record.vcpu = 0;
    record.reason = static_cast<u16>(ExitReason::cpuid);
    record.type = RMVISOR_TRACE_EXIT;
    record.action = RMVISOR_ACTION_SKIP;
    record.flags = RMVISOR_TRACE_F_PROTECTED | RMVISOR_TRACE_F_CODE64 | RMVISOR_TRACE_F_REGS;
    record.insn_length = static_cast<u8>(length);
    record.rip = rip;
    record.cs_base = record.intr_info = 0;
    record.qualification = 0;
    record.rax = low32(gprs.rax);
    record.rcx = low32(gprs.rcx);
    record.rdx = low32(gprs.rdx);
    record.error_code = 0;
}

[[gnu::always_inline]] inline void finish_exit_record(Cpu& cpu, u64 ticks) noexcept {
    TraceRecord& record = cpu.trace.slot();
    record.root_ticks = saturated(ticks);
    finish_trace_record(cpu, record);
}

}  // namespace rmv
