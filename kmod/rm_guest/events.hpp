// SPDX-License-Identifier: GPL-2.0-only
// Events on their way into the guest: interrupts, NMIs, exceptions.
//
// An event is in one of two places. *Committed*: in the VM-entry interruption-information field of
// the VMCS, and the next entry delivers it: an exception that a handler raised, or an event whose
// delivery an exit interrupted. *Waiting*: in WaitingEvents (the owner's interrupt, NMIs) or in the
// virtual local APIC, until the guest can take it. Before every entry prepare_events() moves at
// most one from the second place to the first, in this order (SDM: Priority Among Concurrent
// Events):
//
//      1. what is committed already
//      2. a debug trap that is pending in the VMCS: hardware delivers it by itself
//      3. an NMI, unless NMIs, STI or MOV SS block it
//      4. an interrupt, unless RFLAGS.IF, STI or MOV SS block it: from interrupt_source.hpp
//
// For what has to go on waiting it turns on the exit that comes when the guest can take it.
#pragma once

#include "exit/context.hpp"

namespace rmv {

// Before every entry, also after it was prepared once: nothing is committed twice.
void prepare_events(RmGuest& rm, Vmcs& vmcs) noexcept;

// Before the first entry of a RUN: the owner writes registers and events one by one, and together
// they may say what VM entry refuses (SDM: Checks on Guest Non-Register State).
void settle_blocking(Vmcs& vmcs) noexcept;

// The owner has moved the guest elsewhere: exceptions and software interrupts of the old place are
// gone; an interrupt or NMI that was committed waits again.
void uncommit_events(WaitingEvents& events, Vmcs& vmcs) noexcept;

// One more NMI for the guest, from its owner or another vCPU.
void raise_nmi(WaitingEvents& events) noexcept;

// After an exit whose instruction or event is still to come: the event under way is committed
// again, and NMIs that an IRET had unblocked before it faulted are blocked again.
void restart_events(Vmcs& vmcs, u32 raw_reason) noexcept;

// Blocking by NMI after an NMI exit.
void correct_nmi_blocking(const WaitingEvents& events, Vmcs& vmcs) noexcept;

// Whether the next entry would deliver an interrupt of the owner's.
[[nodiscard]] bool is_ready_for_interrupt(const RmGuest& rm, Vmcs& vmcs) noexcept;

// Exits of the windows that prepare_events() asked for.
[[nodiscard]] Action handle_interrupt_window(const RmGuest& rm, visor_stop& stop) noexcept;

}  // namespace rmv
