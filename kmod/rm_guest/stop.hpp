// SPDX-License-Identifier: GPL-2.0-only
// Stops: the guest does not go on until its owner says so.
#pragma once

#include "exit/context.hpp"

namespace rmv {

// Saves what the VMCS does not hold, publishes the record and rings the doorbell. The CPU is parked
// afterwards: the caller goes to serve_commands().
void stop_guest(Cpu& cpu, const rmv_gprs& gprs, const visor_stop& stop) noexcept;

// Adds to a stop what the VMCS says about the exit; what this kind of exit does not define stays 0.
void describe_exit(Vmcs& vmcs, u32 raw_reason, visor_stop& stop) noexcept;

[[nodiscard]] visor_stop kick_stop() noexcept;
// A VMX instruction failed; the current VMCS knows why, unless there is none.
[[nodiscard]] visor_stop vmx_error_stop() noexcept;
// For a handler whose last step can fail: the instruction is done, or the guest stops.
[[nodiscard]] Action skip_or_stop(Status status, visor_stop& stop) noexcept;
// VMfail of an entry, and an entry that failed while it loaded guest state; with the rule that the
// VMCS breaks.
[[nodiscard]] visor_stop entry_vmfail_stop() noexcept;
[[nodiscard]] visor_stop failed_entry_stop(Vmcs& vmcs, u32 raw_reason) noexcept;

}  // namespace rmv
