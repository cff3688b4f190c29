// SPDX-License-Identifier: GPL-2.0-only
// What is recorded of a CPU, as Linux wishes it (visor_public.watch and .ring). Root decides by its
// own copy; it looks at Linux's words only when a request tells it to.
#pragma once

#include "vmx/cpu.hpp"
#include "vmx/vmcs.hpp"

namespace rmv {

[[nodiscard]] inline bool watch_is_requested(const Cpu& cpu) noexcept {
    return load_acquire(cpu.shared.watch_request) != cpu.watched.request;
}

// On a CPU outside VMX operation, before it is launched: it gets the tables from the globals.
void follow_watch_natively(Cpu& cpu) noexcept;

// In root. A new ring comes with new tables: root goes over to them here, and the current VMCS gets
// them for later exits; `for_linux`: it is Linux's, which gets its map of memory too. Wishes that
// make no sense are not followed, and nothing else happens.
void follow_watch(Cpu& cpu, Vmcs& vmcs, bool for_linux) noexcept;

}  // namespace rmv
