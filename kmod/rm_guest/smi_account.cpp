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

// `start`: when the time that is gone began.
void trace_smi(Cpu& cpu, u64 smis, u64 start) noexcept {
    trace_event(cpu, RMVISOR_TRACE_SMI, start, smis);
}

}  // namespace

void start_smi_account(Cpu& cpu) noexcept { cpu.smi_count = read_smi_count(); }

void sample_smis(Cpu& cpu, visor_smis& where) noexcept {
    if (!globals.has_smi_count) return;
    const u32 count = read_smi_count();
    const u32 smis = count - cpu.smi_count;
    cpu.smi_count = count;
    if (smis == 0) return;
    add(where, smis);
    trace_smi(cpu, smis, insn::rdtsc());
}

void note_smi(Cpu& cpu, visor_smis& where) noexcept {
    if (globals.has_smi_count) return;
    add(where, 1);
    trace_smi(cpu, 1, insn::rdtsc());
}

void note_gap(Cpu& cpu, visor_smis& where, u64 ticks) noexcept {
    if (globals.smi_gap_ticks == 0 || ticks < globals.smi_gap_ticks) return;
    if (!globals.has_smi_count) add(where, 1);
    store_release(where.ticks, load_relaxed(where.ticks) + ticks);
    if (ticks > load_relaxed(where.longest)) store_release(where.longest, ticks);
    trace_smi(cpu, globals.has_smi_count ? 0 : 1, insn::rdtsc() - ticks);
}

}  // namespace rmv
