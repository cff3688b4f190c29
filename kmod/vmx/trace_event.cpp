// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/trace_event.hpp"

namespace rmv {

TraceRecord start_trace_record(const Cpu& cpu, rmvisor_trace_type type, u64 start) noexcept {
    TraceRecord record{};
    record.tsc = start;
    record.type = static_cast<u8>(type);
    record.cpu = static_cast<u16>(cpu.number);
    if (cpu.mode == Mode::rm_guest || cpu.mode == Mode::parked) {
        record.vm = static_cast<u16>(cpu.rm.vm);
        record.vcpu = static_cast<u16>(cpu.rm.vcpu_id);
    }
    return record;
}

u32 ticks_since(u64 start) noexcept {
    const u64 ticks = insn::rdtsc() - start;
    return ticks > ~u32{0} ? ~u32{0} : low32(ticks);
}

void trace_event(Cpu& cpu, rmvisor_trace_type type, u64 start, u64 qualification) noexcept {
    if (!trace_is_on(cpu)) return;
    TraceRecord record = start_trace_record(cpu, type, start);
    record.qualification = qualification;
    record.root_ticks = ticks_since(start);
    cpu.trace.write(record);
}

}  // namespace rmv
