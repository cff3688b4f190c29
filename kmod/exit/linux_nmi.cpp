// SPDX-License-Identifier: GPL-2.0-only
// NMIs of Linux, and machine checks that hit root. NMIs exit only on a CPU that is being taken;
// what hits root is handed over at the next entry.
#include "exit/event.hpp"
#include "exit/linux_exits.hpp"

namespace rmv {

namespace {

void set_zero_timer(Vmcs& vmcs, bool on) noexcept {
    const u32 timer = static_cast<u32>(mask(Pin::preemption_timer));
    const u32 pin = vmcs.read<Field::pin_based_controls>();
    vmcs.write<Field::pin_based_controls>(on ? pin | timer : pin & ~timer);
    vmcs.write<Field::preemption_timer_value>(u32{0});
}

// Linux takes NMIs on a stack of their own, in 64-bit mode only: delivering one in an STI or MOV-SS
// shadow hurts nothing, and some CPUs refuse to enter with both (SDM: Checks on Guest Non-Register
// State). Blocking by NMI can only be a stale bit here: hardware would not have let this one in
// (Bochs 2.7 leaves one behind).
void clear_blocking(Vmcs& vmcs) noexcept { vmcs.write<Field::guest_interruptibility>(u32{0}); }

}  // namespace

// Only one event fits into an entry: what does not fit follows it, by a zero preemption timer. A
// debug trap goes before that timer (SDM: Order of Events after VM Entry, VMX-Preemption Timer).
void deliver_pending(Cpu& cpu, Vmcs& vmcs, u32 pending) noexcept {
    const bool occupied = (vmcs.read<Field::entry_interruption_info>() & interruption_valid) != 0 ||
                          debug_trap_is_next(vmcs);
    u32 later = pending;
    if (!occupied) {
        clear_blocking(vmcs);
        if ((pending & PENDING_MACHINE_CHECK) != 0) {
            inject_exception(vmcs, Vector::machine_check);
            later = pending & ~u32{PENDING_MACHINE_CHECK};
        } else {
            inject_nmi(vmcs);
            count(cpu.shared.nmi_injected);
            later = 0;
        }
    }
    cpu.deferred |= later;
    if (later != 0) set_zero_timer(vmcs, true);
}

Action handle_nmi_exit(ExitContext& exit) noexcept {
    const auto info = decode_interruption(exit.vmcs.read<Field::exit_interruption_info>());
    if (!info || info->type != InterruptionType::nmi || !exit.cpu.taking) return Action::unhandled;
    visor_unblock_nmis();
    reinject_vectored_event(exit.vmcs);
    if (load_acquire(exit.cpu.shared.dead) != 0) return Action::park;
    deliver_pending(exit.cpu, exit.vmcs, PENDING_NMI);
    return Action::inject;
}

Action handle_preemption_timer(ExitContext& exit) noexcept {
    const u32 deferred = exit.cpu.deferred;
    if (deferred == 0) return Action::unhandled;
    exit.cpu.deferred = 0;
    set_zero_timer(exit.vmcs, false);
    reinject_vectored_event(exit.vmcs);
    deliver_pending(exit.cpu, exit.vmcs, deferred);
    return Action::inject;
}

}  // namespace rmv
