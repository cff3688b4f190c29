// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/smi_account.hpp"

#include "vmx/globals.hpp"
#include "vmx/trace_event.hpp"
#include "x86/atomic.hpp"

namespace rmv {

namespace {

[[nodiscard]] u32 read_smi_count() noexcept {
    return globals.has_smi_count ? low32(insn::rdmsr(Msr::smi_count)) : 0;
}

void add(visor_smis& where, u64 smis) noexcept {
    store_release(where.count, load_relaxed(where.count) + smis);
}

// `ticks` were gone from `start` on, as far as is known. A CPU's records are in the order of their
// time: what was recorded meanwhile comes before, and an exit under way (from `latest` on) after.
void trace_smi(Cpu& cpu, u64 smis, u64 start, u64 ticks, u64 latest) noexcept {
    if (!trace_is_on(cpu)) return;
    if (start > latest) start = latest;
    if (start < cpu.trace.last_time()) start = cpu.trace.last_time();
    TraceRecord& record = start_trace_record(cpu, RMVISOR_TRACE_SMI, start);
    record.qualification = smis;
    record.root_ticks = saturated(ticks);
    finish_trace_record(cpu, record);
}

}  // namespace

void start_smi_account(Cpu& cpu) noexcept { cpu.smi_count = read_smi_count(); }

void read_new_smis(Cpu& cpu, visor_smis& where, u64 latest) noexcept {
    const u32 count = read_smi_count();
    const u32 smis = count - cpu.smi_count;
    cpu.smi_count = count;
    if (smis == 0) return;
    add(where, smis);
    trace_smi(cpu, smis, insn::rdtsc(), 0, latest);
}

void note_smi(Cpu& cpu, visor_smis& where, u64 latest) noexcept {
    if (globals.has_smi_count) return;
    add(where, 1);
    trace_smi(cpu, 1, insn::rdtsc(), 0, latest);
}

void note_gap(Cpu& cpu, visor_smis& where, u64 ticks, u64 end, u64 latest) noexcept {
    if (globals.smi_gap_ticks == 0 || ticks < globals.smi_gap_ticks) return;
    if (!globals.has_smi_count) add(where, 1);
    store_release(where.ticks, load_relaxed(where.ticks) + ticks);
    if (ticks > load_relaxed(where.longest)) store_release(where.longest, ticks);
    trace_smi(cpu, globals.has_smi_count ? 0 : 1, end - ticks, ticks, latest);
}

}  // namespace rmv
