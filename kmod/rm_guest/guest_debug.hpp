// SPDX-License-Identifier: GPL-2.0-only
// Debugging from outside (KVM_SET_GUEST_DEBUG): the owner steps the guest and sets breakpoints,
// which the guest does not see.
//
// Steps: the monitor trap flag where the CPU has it, else RFLAGS.TF, which PUSHF shows to the
// guest. Breakpoint registers: from RUN to stop the owner's are in DR0 to DR3 and DR7, the guest's
// are kept aside, and its MOV DR exits. Breakpoints in code: INT3 exits.
#pragma once

#include "exit/context.hpp"
#include "x86/result.hpp"

namespace rmv {

// The GUEST_DEBUG group, of a stopped guest. VISOR_BAD_ARGUMENT: an unknown flag, more than 32 bits
// in DR7.
[[nodiscard]] Status get_guest_debug(const Cpu& cpu, visor_guest_debug& state) noexcept;
[[nodiscard]] Status set_guest_debug(Cpu& cpu, const visor_guest_debug& wanted) noexcept;

void take_trap_flag_back(GuestDebug& debug, Vmcs& vmcs) noexcept;
void set_step(GuestDebug& debug, Vmcs& vmcs) noexcept;
void take_debug_registers(GuestDebug& debug, Vmcs& vmcs) noexcept;
void give_debug_registers_back(GuestDebug& debug, Vmcs& vmcs) noexcept;

// An instruction was done for the guest: if it is stepped, that was the step, and the guest stops.
[[nodiscard]] inline bool is_step(const GuestDebug& debug) noexcept {
    return (debug.flags & VISOR_DEBUG_STEP) != 0;
}

// Before every entry, and first thing after every exit.
inline void prepare_step(GuestDebug& debug, Vmcs& vmcs) noexcept {
    if (is_step(debug) || debug.monitor_trap_on) set_step(debug, vmcs);
}
inline void hide_step(GuestDebug& debug, Vmcs& vmcs) noexcept {
    if (debug.trap_flag_is_ours) take_trap_flag_back(debug, vmcs);
}

// RUN, and the stop that follows: the owner's registers in, the guest's back.
inline void begin_guest_debug(RmGuest& rm, Vmcs& vmcs) noexcept {
    if ((rm.debug.flags & VISOR_DEBUG_REGISTERS) != 0 && !rm.debug.registers_in)
        take_debug_registers(rm.debug, vmcs);
}
inline void end_guest_debug(RmGuest& rm, Vmcs& vmcs) noexcept {
    hide_step(rm.debug, vmcs);
    if (rm.debug.registers_in) give_debug_registers_back(rm.debug, vmcs);
}
[[nodiscard]] visor_stop step_stop(Vmcs& vmcs) noexcept;

// #DB or #BP that the owner wants.
[[nodiscard]] Action handle_debug_exception(ExitContext& exit, Vector vector,
                                            visor_stop& stop) noexcept;
[[nodiscard]] Action handle_monitor_trap(ExitContext& exit, visor_stop& stop) noexcept;
[[nodiscard]] Action handle_mov_dr(ExitContext& exit) noexcept;

}  // namespace rmv
