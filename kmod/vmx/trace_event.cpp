// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/trace_event.hpp"

namespace rmv {

TraceRecord& start_trace_record(Cpu& cpu, rmvisor_trace_type type, u64 start) noexcept {
    TraceRecord& record = cpu.trace.slot();
    record = {};
    record.tsc = start;
    record.type = static_cast<u8>(type);
    record.cpu = static_cast<u16>(cpu.number);
    if (cpu.mode == Mode::rm_guest || cpu.mode == Mode::parked) {
        record.vm = static_cast<u16>(cpu.rm.vm);
        record.vcpu = static_cast<u16>(cpu.rm.vcpu_id);
    }
    return record;
}

void record_event(Cpu& cpu, rmvisor_trace_type type, u64 start, u64 qualification) noexcept {
    TraceRecord& record = start_trace_record(cpu, type, start);
    record.qualification = qualification;
    record.root_ticks = saturated(insn::rdtsc() - start);
    finish_trace_record(cpu, record);
}

void trace_root_fault(Cpu& cpu, u64 vector, u64 error_code, u64 rip) noexcept {
    if (!trace_is_on(cpu)) return;
    TraceRecord& record = start_trace_record(cpu, RMVISOR_TRACE_FAULT, insn::rdtsc());
    record.reason = static_cast<u16>(vector);
    record.qualification = error_code;
    record.rip = rip;
    finish_trace_record(cpu, record);
}

}  // namespace rmv
