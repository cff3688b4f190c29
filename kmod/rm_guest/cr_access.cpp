// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/cr_access.hpp"

#include "exit/event.hpp"
#include "rm_guest/apic/exits.hpp"
#include "rm_guest/control_registers.hpp"
#include "rm_guest/pdptes.hpp"
#include "rm_guest/rsm_guard.hpp"
#include "rm_guest/stop.hpp"
#include "rm_guest/translations.hpp"
#include "vmx/globals.hpp"
#include "x86/segment.hpp"

namespace rmv {

namespace {

struct Paging {
    u64 cr0, cr4, efer;
};

Paging read_paging(ExitContext& exit) noexcept {
    return {read_guest_cr0(exit.vmcs), read_guest_cr4(exit.vmcs),
            read_guest_efer(exit.cpu.rm, exit.vmcs)};
}

// A 64-bit operand only in 64-bit mode (SDM: MOV, Move to/from Control Registers).
u64 operand(ExitContext& exit, GeneralRegister reg) noexcept {
    const u64 value = exit.read_register(reg);
    return is_64bit_code(exit.vmcs) ? value : low32(value);
}

// #GP(0) of MOV to CR0, for the combinations and for the way into and out of IA-32e mode.
bool is_allowed_cr0(Vmcs& vmcs, u64 value, const Paging& old) noexcept {
    const bool pg = has(value, Cr0::pg);
    if (high32(value) != 0 || (pg && !has(value, Cr0::pe)) ||
        (has(value, Cr0::nw) && !has(value, Cr0::cd)))
        return false;
    if (!has(old.efer, Efer::lme) || pg == has(old.cr0, Cr0::pg)) return true;
    const u32 cs_rights = vmcs.read<Field::guest_cs_access_rights>();
    if (has(cs_rights, AccessRights::long_mode)) return false;
    if (!pg) return true;
    const u32 tr_type = vmcs.read<Field::guest_tr_access_rights>() & access_rights_type_mask;
    return has(old.cr4, Cr4::pae) && tr_type != static_cast<u32>(SystemType::tss16_busy);
}

// LMA is LME and PG (SDM: Initializing IA-32e Mode).
u64 efer_for(u64 efer, u64 cr0) noexcept {
    const bool active = has(efer, Efer::lme) && has(cr0, Cr0::pg);
    return (efer & ~mask(Efer::lma)) | (active ? mask(Efer::lma) : 0);
}

Action write_cr0(ExitContext& exit, u64 value, visor_stop& stop) noexcept {
    const Paging old = read_paging(exit);
    if (!is_allowed_cr0(exit.vmcs, value, old)) return general_protection(exit.vmcs);
    const u64 efer = efer_for(old.efer, value);
    if (is_pae_paging(value, old.cr4, efer) && !has(old.cr0, Cr0::pg)) {
        if (const Action action = need_pdptes(exit, read_guest_cr3(exit.cpu.rm, exit.vmcs), stop);
            action != Action::skip)
            return action;
    }
    write_guest_cr0(exit.cpu.rm, exit.vmcs, value);
    if (efer != old.efer) write_guest_efer(exit.cpu.rm, exit.vmcs, efer);
    return skip_or_stop(flush_linear(exit.cpu), stop);
}

// Exits only if it sets a bit that this guest may not have, or changes MCE.
Action write_cr4(ExitContext& exit, u64 value, visor_stop& stop) noexcept {
    const Paging old = read_paging(exit);
    const bool leaves_pae = has(old.efer, Efer::lma) && !has(value, Cr4::pae);
    if ((value & ~cr4_settable(globals.facts)) != 0 || leaves_pae)
        return general_protection(exit.vmcs);
    constexpr u64 loads_pdptes = mask(Cr4::pae, Cr4::pse, Cr4::pge);
    if (is_pae_paging(old.cr0, value, old.efer) && ((value ^ old.cr4) & loads_pdptes) != 0) {
        if (const Action action = need_pdptes(exit, read_guest_cr3(exit.cpu.rm, exit.vmcs), stop);
            action != Action::skip)
            return action;
    }
    write_guest_cr4(exit.vmcs, value);
    return skip_or_stop(flush_linear(exit.cpu), stop);
}

// Exits only while the guest has paging off: nothing is cached from it.
Action write_cr3(ExitContext& exit, u64 value) noexcept {
    write_guest_cr3(exit.cpu.rm, exit.vmcs, value);
    return Action::skip;
}

Action write_cr8(ExitContext& exit, u64 value) noexcept {
    constexpr u64 highest_priority = 15;
    if (value > highest_priority) return general_protection(exit.vmcs);
    apic::write_cr8(exit.cpu.rm, value);
    return Action::skip;
}

Action mov_to(ExitContext& exit, const CrAccess& access, visor_stop& stop) noexcept {
    const u64 value = operand(exit, access.general_register);
    switch (access.control_register) {
        case 0: return write_cr0(exit, value, stop);
        case 3: return write_cr3(exit, value);
        case 4: return write_cr4(exit, value, stop);
        case 8: return write_cr8(exit, value);
        default: return Action::unhandled;
    }
}

// Reads of CR0 and CR4 take the shadows without an exit.
Action mov_from(ExitContext& exit, const CrAccess& access) noexcept {
    switch (access.control_register) {
        case 3:
            exit.write_register(access.general_register, read_guest_cr3(exit.cpu.rm, exit.vmcs));
            return Action::skip;
        case 8:
            exit.write_register(access.general_register, apic::read_cr8(exit.cpu.rm));
            return Action::skip;
        default: return Action::unhandled;
    }
}

// PE, MP, EM and TS; it can set PE and never clears it (SDM: LMSW).
Action load_machine_status(ExitContext& exit, u16 source, visor_stop& stop) noexcept {
    constexpr u64 loaded = mask(Cr0::mp, Cr0::em, Cr0::ts);
    const u64 old = read_guest_cr0(exit.vmcs);
    return write_cr0(exit, (old & ~loaded) | (source & (loaded | mask(Cr0::pe))), stop);
}

}  // namespace

Action handle_cr_access(ExitContext& exit, visor_stop& stop) noexcept {
    const CrAccess access = decode_cr_access(exit.vmcs.read<Field::exit_qualification>());
    switch (access.type) {
        case CrAccessType::mov_to_cr: return mov_to(exit, access, stop);
        case CrAccessType::mov_from_cr: return mov_from(exit, access);
        case CrAccessType::clts:
            return write_cr0(exit, read_guest_cr0(exit.vmcs) & ~mask(Cr0::ts), stop);
        case CrAccessType::lmsw: return load_machine_status(exit, access.lmsw_source, stop);
    }
    return Action::unhandled;
}

}  // namespace rmv
