// SPDX-License-Identifier: GPL-2.0-only
// The mailbox's group LAPIC: the registers of a stopped vCPU's APIC in KVM's format, which has the
// ID in bits 31:24 in every mode.
#pragma once

#include "vmx/cpu.hpp"
#include "x86/result.hpp"

namespace rmv::apic {

// VISOR_UNSUPPORTED: the guest has no APIC.
[[nodiscard]] Status get_lapic(const Cpu& cpu, visor_lapic_state& state) noexcept;
// Takes over what can be written, and IRR, ISR and TMR; a running timer goes on from the current
// count. The mode is IA32_APIC_BASE's, and the ID stays.
[[nodiscard]] Status set_lapic(Cpu& cpu, const visor_lapic_state& state) noexcept;

}  // namespace rmv::apic
