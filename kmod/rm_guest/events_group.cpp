// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/events_group.hpp"

#include "rm_guest/control_registers.hpp"
#include "vmx/controls.hpp"
#include "vmx/interruption.hpp"
#include "vmx/vmcs.hpp"

namespace rmv {

namespace {

// KVM_X86_SHADOW_INT_*
constexpr u8 shadow_mov_ss = 1, shadow_sti = 2;

void get_committed(Vmcs& vmcs, const InterruptionInfo& event, visor_events_state& state) noexcept {
    switch (event.type) {
        case InterruptionType::external_interrupt:
        case InterruptionType::software_interrupt:
            state.interrupt_injected = 1;
            state.interrupt_vector = event.vector;
            state.interrupt_soft = event.is(InterruptionType::software_interrupt);
            return;
        case InterruptionType::nmi: state.nmi_injected = 1; return;
        case InterruptionType::hardware_exception:
        case InterruptionType::privileged_software_exception:
        case InterruptionType::software_exception:
            state.exception_injected = 1;
            state.exception_vector = event.vector;
            state.exception_has_error_code = event.has_error_code;
            if (event.has_error_code)
                state.exception_error_code = vmcs.read<Field::entry_exception_error_code>();
            return;
        case InterruptionType::reserved:
        case InterruptionType::other_event: return;
    }
}

bool is_valid_mp_state(u32 state, const RmGuest& rm) noexcept {
    return state == VISOR_MP_RUNNABLE || (rm.apic.is_on() && state <= VISOR_MP_HALTED);
}

bool is_valid(const visor_events_state& state, const RmGuest& rm) noexcept {
    if (state.exception_injected != 0 && state.exception_vector > last_exception) return false;
    const bool soft = state.interrupt_injected != 0 && state.interrupt_soft != 0;
    // One event for one entry.
    const unsigned committed =
        (state.exception_injected != 0) + (state.nmi_injected != 0) + (soft ? 1u : 0u);
    return committed <= 1 && state.exception_pending == 0 && state.exception_has_payload == 0 &&
           state.triple_fault_pending == 0 && state.sipi_pending == 0 &&
           is_valid_mp_state(state.mp_state, rm);
}

void commit_exception(Vmcs& vmcs, const visor_events_state& state) noexcept {
    const u8 vector = state.exception_vector;
    const bool software = vector == static_cast<u8>(Vector::breakpoint) ||
                          vector == static_cast<u8>(Vector::overflow);
    const auto type =
        software ? InterruptionType::software_exception : InterruptionType::hardware_exception;
    u32 info = make_interruption(type, vector);
    // INT3 and INTO have one byte.
    if (software) vmcs.write<Field::entry_instruction_length>(u32{1});
    if (pushes_error_code(vector) && !is_real_mode(vmcs)) {
        info |= interruption_error_code;
        vmcs.write<Field::entry_exception_error_code>(u32{state.exception_error_code});
    }
    vmcs.write<Field::entry_interruption_info>(info);
}

void commit(Vmcs& vmcs, const visor_events_state& state) noexcept {
    if (state.exception_injected != 0) return commit_exception(vmcs, state);
    u32 info = 0;
    if (state.nmi_injected != 0)
        info = make_interruption(InterruptionType::nmi, static_cast<u8>(Vector::nmi));
    else if (state.interrupt_injected != 0 && state.interrupt_soft != 0)
        // Of the INT whose delivery an exit interrupted: its length is in the VMCS still.
        info = make_interruption(InterruptionType::software_interrupt, state.interrupt_vector);
    vmcs.write<Field::entry_interruption_info>(info);
}

u32 blocking(const visor_events_state& state) noexcept {
    u64 bits = 0;
    if ((state.interrupt_shadow & shadow_mov_ss) != 0)
        bits |= mask(Interruptibility::blocking_by_mov_ss);
    else if ((state.interrupt_shadow & shadow_sti) != 0)
        bits |= mask(Interruptibility::blocking_by_sti);
    if (state.nmi_masked != 0) bits |= mask(Interruptibility::blocking_by_nmi);
    return static_cast<u32>(bits);
}

}  // namespace

Status get_events(Cpu& cpu, visor_events_state& state) noexcept {
    Vmcs vmcs;
    const WaitingEvents& waiting = cpu.rm.events;
    state = {};
    if (waiting.has_interrupt) {
        state.interrupt_injected = 1;
        state.interrupt_vector = waiting.interrupt;
    }
    if (const auto event = decode_interruption(vmcs.read<Field::entry_interruption_info>()))
        get_committed(vmcs, *event, state);
    const u32 interruptibility = vmcs.read<Field::guest_interruptibility>();
    if (has(interruptibility, Interruptibility::blocking_by_mov_ss))
        state.interrupt_shadow |= shadow_mov_ss;
    if (has(interruptibility, Interruptibility::blocking_by_sti))
        state.interrupt_shadow |= shadow_sti;
    state.nmi_masked = has(interruptibility, Interruptibility::blocking_by_nmi);
    state.nmi_pending = waiting.nmis;
    state.mp_state = static_cast<u32>(cpu.rm.apic.mp_state);
    return vmcs.status();
}

Status set_events(Cpu& cpu, const visor_events_state& state) noexcept {
    if (!is_valid(state, cpu.rm)) return {VISOR_BAD_ARGUMENT};
    Vmcs vmcs;
    WaitingEvents& waiting = cpu.rm.events;
    constexpr u8 latched = 2;
    commit(vmcs, state);
    vmcs.write<Field::guest_interruptibility>(blocking(state));
    waiting.has_interrupt = state.interrupt_injected != 0 && state.interrupt_soft == 0;
    waiting.interrupt = state.interrupt_vector;
    waiting.nmis = state.nmi_pending < latched ? state.nmi_pending : latched;
    waiting.may_block_nmis = state.nmi_masked != 0;
    cpu.rm.apic.mp_state = static_cast<apic::MpState>(state.mp_state);
    return vmcs.status();
}

}  // namespace rmv
