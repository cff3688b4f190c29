// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/events.hpp"

#include "exit/event.hpp"
#include "rm_guest/interrupt_source.hpp"
#include "x86/control_registers.hpp"

namespace rmv {

namespace {

constexpr u32 blocking_by_nmi = static_cast<u32>(Interruptibility::blocking_by_nmi);
constexpr u32 blocking_by_instruction =
    static_cast<u32>(mask(Interruptibility::blocking_by_sti, Interruptibility::blocking_by_mov_ss));

bool is_committed(Vmcs& vmcs) noexcept {
    return (vmcs.read<Field::entry_interruption_info>() & interruption_valid) != 0;
}

// Some CPUs refuse an NMI in the shadow of STI (SDM: Checks on Guest Non-Register State).
bool blocks_nmis(u32 interruptibility) noexcept {
    return (interruptibility & (blocking_by_nmi | blocking_by_instruction)) != 0;
}

bool blocks_interrupts(Vmcs& vmcs, u32 interruptibility) noexcept {
    return (interruptibility & blocking_by_instruction) != 0 ||
           !has(vmcs.read<Field::guest_rflags>(), Rflags::iflag);
}

bool something_waits(const RmGuest& rm) noexcept {
    return rm.events.nmis != 0 || rm.events.owner_wants_window || has_interrupt(rm);
}

// At most one. Empty-handed if something is committed or hardware has a debug trap to deliver,
// which another event would drop (SDM: Delivery of Pending Debug Exceptions after VM Entry).
void commit_one(RmGuest& rm, Vmcs& vmcs, u32 interruptibility) noexcept {
    if (is_committed(vmcs) || debug_trap_is_next(vmcs)) return;
    if (rm.events.nmis != 0 && !blocks_nmis(interruptibility)) {
        --rm.events.nmis;
        inject_nmi(vmcs);
    } else if (has_interrupt(rm) && !blocks_interrupts(vmcs, interruptibility)) {
        inject_interrupt(vmcs, acknowledge_interrupt(rm));
    }
}

// Whether NMI-window exits come in the shadow of STI is not defined, so there the interrupt window
// is waited for: STI blocking means IF = 1, and the shadow ends with the next instruction.
u32 windows_for(const RmGuest& rm, u32 interruptibility) noexcept {
    u64 windows = 0;
    if (has_interrupt(rm) || rm.events.owner_wants_window)
        windows |= mask(Primary::interrupt_window_exiting);
    if (rm.events.nmis != 0)
        windows |= has(interruptibility, Interruptibility::blocking_by_sti)
                       ? mask(Primary::interrupt_window_exiting)
                       : mask(Primary::nmi_window_exiting);
    return static_cast<u32>(windows);
}

void set_windows(WaitingEvents& events, Vmcs& vmcs, u32 windows) noexcept {
    if (windows == events.windows) return;
    const u32 others = vmcs.read<Field::primary_processor_controls>() & ~events.windows;
    vmcs.write<Field::primary_processor_controls>(others | windows);
    events.windows = windows;
}

// Nothing exits from SMM, and VM entry refuses blocking by SMI outside of it. Bochs 2.7 may save it
// all the same.
u32 read_blocking(Vmcs& vmcs) noexcept {
    constexpr u32 by_smi = static_cast<u32>(Interruptibility::blocking_by_smi);
    const u32 saved = vmcs.read<Field::guest_interruptibility>();
    if ((saved & by_smi) != 0) vmcs.write<Field::guest_interruptibility>(saved & ~by_smi);
    return saved & ~by_smi;
}

bool entry_may_block_nmis(Vmcs& vmcs, u32 interruptibility) noexcept {
    const auto event = decode_interruption(vmcs.read<Field::entry_interruption_info>());
    return (interruptibility & blocking_by_nmi) != 0 || (event && event->is(InterruptionType::nmi));
}

// SDM: Information for VM Exits Due to Vectored Events; Exit Qualification for EPT Violations. The
// bit means something only where no event was under way, and not for #DF.
bool iret_had_unblocked_nmis(Vmcs& vmcs, u32 raw_reason) noexcept {
    const auto reason = decode_reason(raw_reason);
    if (reason == ExitReason::ept_violation)
        return decode_ept_violation(vmcs.read<Field::exit_qualification>()).nmi_unblocked_by_iret;
    if (reason != ExitReason::exception_or_nmi) return false;
    const auto event = decode_interruption(vmcs.read<Field::exit_interruption_info>());
    return event && event->nmi_unblocked_by_iret &&
           event->is(InterruptionType::hardware_exception) &&
           event->vector != static_cast<u8>(Vector::double_fault);
}

}  // namespace

void prepare_events(RmGuest& rm, Vmcs& vmcs) noexcept {
    const u32 interruptibility = read_blocking(vmcs);
    u32 windows = 0;
    if (something_waits(rm)) {
        // Beyond the one that is handled, or about to be, hardware keeps one.
        if (rm.events.nmis > 1 && entry_may_block_nmis(vmcs, interruptibility)) rm.events.nmis = 1;
        commit_one(rm, vmcs, interruptibility);
        windows = windows_for(rm, interruptibility);
    }
    set_windows(rm.events, vmcs, windows);
    rm.events.may_block_nmis = entry_may_block_nmis(vmcs, interruptibility);
}

// STI blocks with IF = 1 only, and MOV SS hides it; in either shadow a pending single step says
// what TF says; an NMI that is injected is not blocked by NMI.
void settle_blocking(Vmcs& vmcs) noexcept {
    constexpr u32 by_sti = static_cast<u32>(Interruptibility::blocking_by_sti);
    constexpr u64 single_step = bit(14);
    const u32 old = vmcs.read<Field::guest_interruptibility>();
    const u64 rflags = vmcs.read<Field::guest_rflags>();
    const auto event = decode_interruption(vmcs.read<Field::entry_interruption_info>());
    u32 settled = old;
    if (!has(rflags, Rflags::iflag) || has(old, Interruptibility::blocking_by_mov_ss))
        settled &= ~by_sti;
    if (event && event->is(InterruptionType::nmi)) settled &= ~blocking_by_nmi;
    if (settled != old) vmcs.write<Field::guest_interruptibility>(settled);
    if ((settled & blocking_by_instruction) == 0) return;
    const u64 others = vmcs.read<Field::guest_pending_debug>() & ~single_step;
    vmcs.write<Field::guest_pending_debug>(others | (has(rflags, Rflags::tf) ? single_step : 0));
}

void uncommit_events(WaitingEvents& events, Vmcs& vmcs) noexcept {
    const auto event = decode_interruption(vmcs.read<Field::entry_interruption_info>());
    if (!event) return;
    vmcs.write<Field::entry_interruption_info>(u32{0});
    if (event->is(InterruptionType::nmi)) {
        raise_nmi(events);
    } else if (event->is(InterruptionType::external_interrupt) && !events.has_interrupt) {
        events.has_interrupt = true;
        events.interrupt = event->vector;
    }
}

void raise_nmi(WaitingEvents& events) noexcept {
    constexpr u8 latched = 2;
    if (events.nmis < latched) ++events.nmis;
}

void restart_events(Vmcs& vmcs, u32 raw_reason) noexcept {
    if ((vmcs.read<Field::idt_vectoring_info>() & interruption_valid) != 0)
        return reinject_vectored_event(vmcs);
    if (iret_had_unblocked_nmis(vmcs, raw_reason))
        vmcs.write<Field::guest_interruptibility>(vmcs.read<Field::guest_interruptibility>() |
                                                  blocking_by_nmi);
}

// With virtual NMIs a physical one leaves the guest's blocking alone. Bochs 2.7 sets it all the
// same: a guest that had no NMI blocks none.
void correct_nmi_blocking(const WaitingEvents& events, Vmcs& vmcs) noexcept {
    const u32 state = vmcs.read<Field::guest_interruptibility>();
    if (!events.may_block_nmis && (state & blocking_by_nmi) != 0)
        vmcs.write<Field::guest_interruptibility>(state & ~blocking_by_nmi);
}

bool is_ready_for_interrupt(const RmGuest& rm, Vmcs& vmcs) noexcept {
    return !rm.events.has_interrupt && !is_committed(vmcs) && !debug_trap_is_next(vmcs) &&
           !blocks_interrupts(vmcs, vmcs.read<Field::guest_interruptibility>());
}

Action handle_interrupt_window(const RmGuest& rm, visor_stop& stop) noexcept {
    if (rm.events.nmis != 0 || has_interrupt(rm) || !rm.events.owner_wants_window)
        return Action::resume;
    stop.reason = VISOR_STOP_INTERRUPT_WINDOW;
    return Action::stop;
}

}  // namespace rmv
