// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/msr.hpp"

#include "exit/event.hpp"
#include "rm_guest/clock.hpp"
#include "rm_guest/control_registers.hpp"
#include "rm_guest/stop.hpp"
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
        if (type > 7 || type == 2 || type == 3)
            return false;
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

const SavedMsr* find_saved(Msr msr) noexcept {
    for (const SavedMsr& saved : saved_msrs)
        if (saved.msr == msr)
            return &saved;
    return nullptr;
}

Msr selected(const ExitContext& exit) noexcept { return static_cast<Msr>(low32(exit.gprs.rcx)); }

Action answer_read(ExitContext& exit, u64 value) noexcept {
    exit.gprs.rax = low32(value);
    exit.gprs.rdx = high32(value);
    return Action::skip;
}

// LMA can't be written; LME can't be changed while paging is on (SDM: Initializing IA-32e Mode).
Action write_efer(ExitContext& exit, u64 value, visor_stop& stop) noexcept {
    Vmcs& vmcs = exit.vmcs;
    const u64 old = vmcs.read<Field::guest_efer>();
    const bool paging = has(read_guest_cr0(vmcs), Cr0::pg);
    const bool lme_changes = has(value ^ old, Efer::lme);
    if ((value & ~efer_settable()) != 0 || (paging && lme_changes))
        return general_protection(vmcs);
    write_guest_efer(vmcs, (value & ~mask(Efer::lma)) | (old & mask(Efer::lma)));
    // NXE takes part in translations.
    return skip_or_stop(flush_linear(exit.cpu), stop);
}

// The APIC neither moves nor changes its mode.
Action write_apic_base(ExitContext& exit, u64 value) noexcept {
    return value == exit.cpu.rm.apic_base ? Action::skip : general_protection(exit.vmcs);
}

}  // namespace

Action handle_rdmsr(ExitContext& exit) noexcept {
    const Msr msr = selected(exit);
    if (const SavedMsr* saved = find_saved(msr))
        return answer_read(exit, exit.vmcs.read_raw(saved->field));
    if (msr == Msr::efer)
        return answer_read(exit, exit.vmcs.read<Field::guest_efer>());
    if (msr == Msr::apic_base)
        return answer_read(exit, exit.cpu.rm.apic_base);
    if (msr == Msr::tsc)
        return answer_read(exit, guest_tsc(exit.cpu.rm.clock, insn::rdtsc()));
    return general_protection(exit.vmcs);
}

Action handle_wrmsr(ExitContext& exit, visor_stop& stop) noexcept {
    const Msr msr = selected(exit);
    const u64 value = join(low32(exit.gprs.rdx), low32(exit.gprs.rax));
    if (const SavedMsr* saved = find_saved(msr)) {
        if (!is_accepted(saved->accepts, value))
            return general_protection(exit.vmcs);
        exit.vmcs.write_raw(saved->field, value);
        return Action::skip;
    }
    if (msr == Msr::efer)
        return write_efer(exit, value, stop);
    if (msr == Msr::apic_base)
        return write_apic_base(exit, value);
    if (msr == Msr::tsc) {
        write_guest_tsc(exit.cpu.rm.clock, exit.vmcs, value);
        return Action::skip;
    }
    return general_protection(exit.vmcs);
}

}  // namespace rmv
