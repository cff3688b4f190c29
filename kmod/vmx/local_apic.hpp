// SPDX-License-Identifier: GPL-2.0-only
// The physical local APIC as root uses it: to send an interrupt and to end a stray one.
#pragma once

#include "x86/types.hpp"

namespace rmv {

// ICR delivery modes (SDM: Interrupt Command Register).
enum class DeliveryMode : u32 { fixed = 0, smi = 2, nmi = 4, init = 5, startup = 6 };

// Physical destination, edge, asserted. Waits (bounded) until the ICR is idle, before and after.
void send_ipi(u32 apic_id, DeliveryMode mode, u8 vector) noexcept;
void end_of_interrupt() noexcept;

}  // namespace rmv
