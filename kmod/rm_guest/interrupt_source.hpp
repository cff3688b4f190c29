// SPDX-License-Identifier: GPL-2.0-only
// Who has an interrupt for the guest: its owner by KVM_INTERRUPT, like an 8259 on the CPU's INTR
// pin, or its local APIC. Asked with the guest stopped in root, before an entry; what
// has_interrupt() promises, acknowledge_interrupt() keeps.
#pragma once

#include "vmx/cpu.hpp"

namespace rmv {

// One waits, and priorities let it through. RFLAGS.IF is not looked at.
[[nodiscard]] bool has_interrupt(const RmGuest& rm) noexcept;

// The INTA cycle: the vector, which from now on is the CPU's. Only after has_interrupt().
[[nodiscard]] u8 acknowledge_interrupt(RmGuest& rm) noexcept;

}  // namespace rmv
