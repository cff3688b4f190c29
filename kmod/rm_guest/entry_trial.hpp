// SPDX-License-Identifier: GPL-2.0-only
// One entry of a guest with a VMCS that a test has changed (trial_abi.h), in builds for tests. An
// ordinary build compiles it to nothing.
#pragma once

#include "vmx/cpu.hpp"
#include "vmx/vmcs.hpp"

namespace rmv {

#ifdef RMVISOR_FAULT_INJECTION

// The last thing before an entry: makes the changes that are armed. If there shall be no entry,
// `vmcs` gets a failure, which the caller stops for as for any other.
void begin_trial(Cpu& cpu, Vmcs& vmcs) noexcept;
// The VMCS is as it was. Armed again: the entry is only put off.
void suspend_trial(Cpu& cpu) noexcept;
// The same, when the guest stops: the trial is over, and the stop tells how.
void end_trial(Cpu& cpu, const visor_stop& stop) noexcept;
// Whether the exit ends a trial, so that nobody shall answer it.
[[nodiscard]] bool is_trial(const Cpu& cpu) noexcept;

#else

inline void begin_trial(Cpu&, Vmcs&) noexcept {}
inline void suspend_trial(Cpu&) noexcept {}
inline void end_trial(Cpu&, const visor_stop&) noexcept {}
[[nodiscard]] constexpr bool is_trial(const Cpu&) noexcept { return false; }

#endif

}  // namespace rmv
