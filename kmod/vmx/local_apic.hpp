// SPDX-License-Identifier: GPL-2.0-only
// The physical local APIC as root uses it: to send an interrupt and to end a stray one.
#pragma once

#include "x86/apic.hpp"

namespace rmv {

// Physical destination, edge, asserted. Waits (bounded) until the ICR is idle, before and after.
void send_ipi(u32 apic_id, DeliveryMode mode, u8 vector) noexcept;
void end_of_interrupt() noexcept;

}  // namespace rmv
