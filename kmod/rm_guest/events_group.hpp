// SPDX-License-Identifier: GPL-2.0-only
// The EVENTS group: what is on its way into a stopped guest, and what holds it back.
#pragma once

#include "vmx/cpu.hpp"
#include "x86/result.hpp"

namespace rmv {

[[nodiscard]] Status get_events(Cpu& cpu, visor_events_state& state) noexcept;

// Replaces all of it. An external interrupt waits until the guest can take it; an exception, an NMI
// and a software interrupt are delivered by the next entry. VISOR_BAD_ARGUMENT, nothing changed: a
// vector that is no exception's, two events for one entry, or what this guest has not.
[[nodiscard]] Status set_events(Cpu& cpu, const visor_events_state& state) noexcept;

}  // namespace rmv
