// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/msr_access.hpp"

#include "rm_guest/apic/exits.hpp"
#include "rm_guest/clock.hpp"
#include "rm_guest/control_registers.hpp"
#include "rm_guest/exchanged_msrs.hpp"
#include "rm_guest/translations.hpp"
#include "x86/insn.hpp"

namespace rmv {

namespace {

// 48 bits: a guest has no 5-level paging.
bool is_canonical(u64 address) noexcept {
    const u64 upper = bits(address, 63, 47);
    return upper == 0 || upper == bits(~u64{0}, 63, 47);
}

// SDM: Programming the PAT.
bool is_valid_pat(u64 value) noexcept {
    for (unsigned entry = 0; entry < 8; ++entry) {
        const u64 type = (value >> (entry * 8)) & 0xff;
        if (type > 7 || type == 2 || type == 3) return false;
    }
    return true;
}

// What WRMSR accepts.
enum class Accepts : u8 { anything, canonical_address, memory_types };

bool is_accepted(Accepts accepts, u64 value) noexcept {
    switch (accepts) {
        case Accepts::anything: return true;
        case Accepts::canonical_address: return is_canonical(value);
        case Accepts::memory_types: return is_valid_pat(value);
    }
    return false;
}

// MSRs that VM entry loads and VM exit saves.
struct SavedMsr {
    Msr msr;
    Field field;
    Accepts accepts;
};

constexpr SavedMsr saved_msrs[] = {
    {Msr::pat, Field::guest_pat, Accepts::memory_types},
    {Msr::sysenter_cs, Field::guest_sysenter_cs, Accepts::anything},
    {Msr::sysenter_esp, Field::guest_sysenter_esp, Accepts::canonical_address},
    {Msr::sysenter_eip, Field::guest_sysenter_eip, Accepts::canonical_address},
    {Msr::fs_base, Field::guest_fs_base, Accepts::canonical_address},
    {Msr::gs_base, Field::guest_gs_base, Accepts::canonical_address},
};

// The others, each with its own way.
constexpr Msr other_msrs[] = {Msr::efer,  Msr::apic_base,      Msr::tsc,
                              Msr::star,  Msr::lstar,          Msr::cstar,
                              Msr::fmask, Msr::kernel_gs_base, Msr::tsc_aux};

const SavedMsr* find_saved(Msr msr) noexcept {
    for (const SavedMsr& saved : saved_msrs)
        if (saved.msr == msr) return &saved;
    return nullptr;
}

// LMA can't be written; LME can't be changed while paging is on (SDM: Initializing IA-32e Mode).
bool write_efer(Cpu& cpu, Vmcs& vmcs, u64 value, Status& flushed) noexcept {
    const u64 old = read_guest_efer(cpu.rm, vmcs);
    const bool paging = has(read_guest_cr0(vmcs), Cr0::pg);
    const bool lme_changes = has(value ^ old, Efer::lme);
    if ((value & ~efer_settable()) != 0 || (paging && lme_changes)) return false;
    write_guest_efer(cpu.rm, vmcs, (value & ~mask(Efer::lma)) | (old & mask(Efer::lma)));
    flushed = flush_linear(cpu);  // NXE takes part in translations
    return true;
}

}  // namespace

std::optional<u64> read_guest_msr(const Cpu& cpu, Vmcs& vmcs, Msr msr) noexcept {
    if (const SavedMsr* saved = find_saved(msr)) return vmcs.read_raw(saved->field);
    if (msr == Msr::efer) return read_guest_efer(cpu.rm, vmcs);
    if (msr == Msr::apic_base) return cpu.rm.apic_base;
    if (msr == Msr::tsc) return guest_tsc(cpu.rm.clock, insn::rdtsc());
    if (is_exchanged(msr)) return insn::rdmsr(msr);
    if (apic::is_apic_msr(static_cast<u32>(msr)))
        return apic::read_apic_msr(cpu, static_cast<u32>(msr));
    return std::nullopt;
}

bool write_guest_msr(Cpu& cpu, Vmcs& vmcs, Msr msr, u64 value, Status& flushed) noexcept {
    if (const SavedMsr* saved = find_saved(msr)) {
        if (!is_accepted(saved->accepts, value)) return false;
        vmcs.write_raw(saved->field, value);
        return true;
    }
    if (msr == Msr::efer) return write_efer(cpu, vmcs, value, flushed);
    if (msr == Msr::tsc) {
        write_guest_tsc(cpu.rm.clock, vmcs, value);
        return true;
    }
    if (is_exchanged(msr)) return write_exchanged_msr(msr, value);
    if (apic::is_apic_msr(static_cast<u32>(msr)))
        return apic::write_apic_msr(cpu, static_cast<u32>(msr), value);
    return msr == Msr::apic_base && apic::write_apic_base(cpu, vmcs, value);
}

Status get_msrs(Cpu& cpu, visor_msrs& msrs) noexcept {
    const u32 count = msrs.count;
    if (count > RMV_MSRS) return {VISOR_BAD_ARGUMENT, count};
    Vmcs vmcs;
    u32 done = 0;
    for (; done < count; ++done) {
        visor_msr& entry = msrs.entries[done];
        const auto value = read_guest_msr(cpu, vmcs, static_cast<Msr>(entry.index));
        if (!value) break;
        entry.value = *value;
    }
    msrs.done = done;
    return vmcs.status();
}

Status set_msrs(Cpu& cpu, visor_msrs& msrs) noexcept {
    const u32 count = msrs.count;
    if (count > RMV_MSRS) return {VISOR_BAD_ARGUMENT, count};
    Vmcs vmcs;
    Status flushed = success;
    u32 done = 0;
    for (; done < count && flushed.ok(); ++done) {
        const visor_msr& entry = msrs.entries[done];
        if (!write_guest_msr(cpu, vmcs, static_cast<Msr>(entry.index), entry.value, flushed)) break;
    }
    msrs.done = done;
    RMV_TRY(flushed);
    return vmcs.status();
}

}  // namespace rmv

using namespace rmv;

rmv_u32 visor_guest_msr(rmv_u32 number) {
    constexpr u32 saved_count = sizeof(saved_msrs) / sizeof(saved_msrs[0]);
    constexpr u32 other_count = sizeof(other_msrs) / sizeof(other_msrs[0]);
    if (number < saved_count) return static_cast<u32>(saved_msrs[number].msr);
    number -= saved_count;
    return number < other_count ? static_cast<u32>(other_msrs[number]) : 0;
}
