// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/state.hpp"

#include "rm_guest/apic/exits.hpp"
#include "rm_guest/control_registers.hpp"
#include "rm_guest/events.hpp"
#include "rm_guest/io.hpp"
#include "rm_guest/pdptes.hpp"
#include "rm_guest/rsm_guard.hpp"
#include "rm_guest/state_check.hpp"
#include "rm_guest/state_fields.hpp"
#include "rm_guest/translations.hpp"

namespace rmv {

namespace {

// RFLAGS has no reserved bit that may be 1 but bit 1 (SDM: EFLAGS Register).
constexpr u64 rflags_defined = 0x3f7fd7;

void copy_out(Vmcs& vmcs, visor_vcpu_state& state) noexcept {
    for (const WordField& word : word_fields) state.*word.member = vmcs.read_raw(word.field);
    for (const SegmentFields& fields : segment_fields) {
        rmv_segment& segment = state.*fields.member;
        segment = {};
        segment.selector = static_cast<u16>(vmcs.read_raw(fields.selector));
        segment.base = vmcs.read_raw(fields.base);
        segment.limit = low32(vmcs.read_raw(fields.limit));
        segment.access_rights = low32(vmcs.read_raw(fields.access_rights));
    }
    for (const TableFields& fields : table_fields)
        state.*fields.member = {vmcs.read_raw(fields.base), low32(vmcs.read_raw(fields.limit)), 0};
}

void copy_in(Vmcs& vmcs, const visor_vcpu_state& state) noexcept {
    for (const WordField& word : word_fields) vmcs.write_raw(word.field, state.*word.member);
    for (const SegmentFields& fields : segment_fields) {
        const rmv_segment& segment = state.*fields.member;
        vmcs.write_raw(fields.selector, segment.selector);
        vmcs.write_raw(fields.base, segment.base);
        vmcs.write_raw(fields.limit, segment.limit);
        vmcs.write_raw(fields.access_rights, segment.access_rights);
    }
    for (const TableFields& fields : table_fields) {
        vmcs.write_raw(fields.base, (state.*fields.member).base);
        vmcs.write_raw(fields.limit, (state.*fields.member).limit);
    }
}

struct Position {
    u64 cs_base, rip, rflags;

    bool operator==(const Position&) const = default;
};

Position position(Vmcs& vmcs) noexcept {
    return {vmcs.read<Field::guest_cs_base>(), vmcs.read<Field::guest_rip>(),
            vmcs.read<Field::guest_rflags>()};
}

// A guest that was moved is between instructions: nothing of the old place hangs over. VM entry
// also refuses STI blocking with IF = 0, and pending debug exceptions that do not fit TF.
void forget_old_place(WaitingEvents& events, Vmcs& vmcs, const Position& old) noexcept {
    const Position now = position(vmcs);
    if (now == old) return;
    // A guest in its NMI handler stays in it.
    constexpr u32 by_nmi = static_cast<u32>(Interruptibility::blocking_by_nmi);
    vmcs.write<Field::guest_interruptibility>(vmcs.read<Field::guest_interruptibility>() & by_nmi);
    vmcs.write<Field::guest_pending_debug>(u64{0});
    if (now.cs_base != old.cs_base || now.rip != old.rip) uncommit_events(events, vmcs);
}

// The PDPTEs in the VMCS belong to the CR3 and the mode that the guest has now.
bool needs_new_pdptes(const RmGuest& rm, Vmcs& vmcs, const visor_vcpu_state& state) noexcept {
    if (!is_pae_paging(state.cr0, state.cr4, state.efer)) return false;
    return !is_pae_paging(read_guest_cr0(vmcs), read_guest_cr4(vmcs), read_guest_efer(rm, vmcs)) ||
           state.cr3 != read_guest_cr3(rm, vmcs);
}

void write_control_registers(RmGuest& rm, Vmcs& vmcs, const visor_vcpu_state& state) noexcept {
    write_guest_cr0(rm, vmcs, state.cr0);
    write_guest_cr3(rm, vmcs, state.cr3);
    write_guest_cr4(vmcs, state.cr4);
    write_guest_efer(rm, vmcs, state.efer);
}

}  // namespace

Status get_state(Cpu& cpu, visor_vcpu_state& state) noexcept {
    Vmcs vmcs;
    copy_out(vmcs, state);
    state.gprs = cpu.rm.gprs;
    state.gprs.rsp = vmcs.read<Field::guest_rsp>();
    state.cr0 = read_guest_cr0(vmcs);
    state.cr4 = read_guest_cr4(vmcs);
    state.cr3 = read_guest_cr3(cpu.rm, vmcs);
    state.efer = read_guest_efer(cpu.rm, vmcs);
    state.cr2 = cpu.rm.cr2;
    state.cr8 = apic::read_cr8(cpu.rm);
    state.apic_base = cpu.rm.apic_base;
    return vmcs.status();
}

Status set_state(Cpu& cpu, const visor_vcpu_state& wanted) noexcept {
    visor_vcpu_state state = wanted;
    state.rflags = (state.rflags & rflags_defined) | mask(Rflags::fixed1);
    Vmcs vmcs;
    RMV_TRY(check_state(vmcs, cpu.rm, state));
    const Position old = position(vmcs);
    if (needs_new_pdptes(cpu.rm, vmcs, state)) need_pdptes_at_entry(cpu.rm, state.cr3);
    copy_in(vmcs, state);
    vmcs.write<Field::guest_rsp>(state.gprs.rsp);
    write_control_registers(cpu.rm, vmcs, state);
    forget_old_place(cpu.rm.events, vmcs, old);
    cpu.rm.gprs = state.gprs;
    cpu.rm.cr2 = state.cr2;
    // CR8 is the upper half of the TPR; the lower half stays when an owner sets other registers.
    if (state.cr8 != apic::read_cr8(cpu.rm)) apic::write_cr8(cpu.rm, state.cr8);
    apic::set_apic_base(cpu, vmcs, state.apic_base);
    forget_io_elsewhere(cpu.rm, vmcs);
    RMV_TRY(vmcs.status());
    return flush_linear(cpu);
}

}  // namespace rmv
