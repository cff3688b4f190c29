// SPDX-License-Identifier: GPL-2.0-only
// The guest's clock: the VMX-preemption timer makes the guest exit when a deadline has passed,
// whatever it does (SDM: VMX-Preemption Timer). Deadlines are values of the machine's TSC and stay
// what they are while root works or the guest is stopped, so the timer is computed anew before
// every entry; one that has passed by then makes the exit come before the first instruction.
//
// Without a deadline the timer runs all the same: a guest never runs longer than watchdog_ticks
// without root looking at the kick word, should an NMI ever get lost.
#pragma once

#include "exit/context.hpp"

namespace rmv {

inline constexpr u64 never = ~u64{0};

// 45 ms at 3 GHz: an exit that nobody can measure, and far below the patience of who kicks.
inline constexpr u64 watchdog_ticks = u64{1} << 27;

// A new guest: no deadline, and a TSC that starts at 0 now.
void reset_clock(GuestClock& clock, Vmcs& vmcs) noexcept;

// `at`: the machine's TSC, or `never`.
inline void set_deadline(GuestClock& clock, Deadline which, u64 at) noexcept {
    clock.deadlines[static_cast<u32>(which)] = at;
}
[[nodiscard]] inline u64 deadline(const GuestClock& clock, Deadline which) noexcept {
    return clock.deadlines[static_cast<u32>(which)];
}

// What the guest reads as its TSC at a time of the machine, and back.
[[nodiscard]] inline u64 guest_tsc(const GuestClock& clock, u64 machine_tsc) noexcept {
    return machine_tsc + clock.tsc_offset;
}
[[nodiscard]] inline u64 machine_tsc(const GuestClock& clock, u64 guest_tsc) noexcept {
    return guest_tsc - clock.tsc_offset;
}
// The guest's TSC is `value` now.
void write_guest_tsc(GuestClock& clock, Vmcs& vmcs, u64 value) noexcept;

// RUN: `ticks` of the machine's TSC from now, 0 for no end. What is left of it at a stop: 0 when
// none was given, else at least 1.
void start_budget(GuestClock& clock, u64 ticks) noexcept;
[[nodiscard]] u64 budget_left(const GuestClock& clock, u64 now) noexcept;

// Before every entry.
void prepare_clock(GuestClock& clock, Vmcs& vmcs) noexcept;

// The exit of the timer.
[[nodiscard]] Action handle_preemption_timer(Cpu& cpu, u64 exit_start, visor_stop& stop) noexcept;

}  // namespace rmv
