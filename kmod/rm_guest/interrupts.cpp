// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/interrupts.hpp"

#include "rm_guest/kick.hpp"
#include "vmx/local_apic.hpp"

namespace rmv {

namespace {

// No NMI was ever given to the guest, so it blocks none. Bochs 2.7 saves the bit as 1 after an NMI
// exit all the same.
void clear_nmi_blocking(Vmcs& vmcs) noexcept {
    constexpr u32 blocking = static_cast<u32>(Interruptibility::blocking_by_nmi);
    const u32 state = vmcs.read<Field::guest_interruptibility>();
    if ((state & blocking) != 0)
        vmcs.write<Field::guest_interruptibility>(state & ~blocking);
}

Action handle_nmi(ExitContext& exit, visor_stop& stop) noexcept {
    // The exit leaves NMIs blocked, and no IRET of a guest will unblock them.
    visor_unblock_nmis();
    clear_nmi_blocking(exit.vmcs);
    if (!take_kick(exit.cpu))
        return Action::resume;
    stop.reason = VISOR_STOP_KICK;
    return Action::stop;
}

}  // namespace

// Acknowledged by the exit. Linux has no device here: it was sent by mistake, and would block others
// of its priority if it were not ended.
Action handle_external_interrupt() noexcept {
    end_of_interrupt();
    return Action::resume;
}

Action handle_exception_or_nmi(ExitContext& exit, visor_stop& stop) noexcept {
    const auto event = decode_interruption(exit.vmcs.read<Field::exit_interruption_info>());
    if (!event || event->type != InterruptionType::nmi)
        return Action::unhandled;  // a machine check: the only exception that exits
    return handle_nmi(exit, stop);
}

}  // namespace rmv
