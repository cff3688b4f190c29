// SPDX-License-Identifier: GPL-2.0-only
// What an INIT makes of a vCPU, and where a start-up IPI starts it.
#pragma once

#include "exit/context.hpp"

namespace rmv::apic {

// Registers as the SDM has them after an INIT (IA-32 and Intel 64 Processor States Following
// Power-up, Reset, or INIT): CR0.CD and NW, x87 and SSE state, XCR0, PAT, the SYSENTER MSRs, TSC
// and IA32_APIC_BASE stay. Nothing is pending afterwards.
void initialize(ExitContext& context) noexcept;

// CS:IP = page * 100h : 0.
void start_at(Vmcs& vmcs, u8 page) noexcept;

}  // namespace rmv::apic
