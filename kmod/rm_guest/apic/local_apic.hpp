// SPDX-License-Identifier: GPL-2.0-only
// A guest's local APIC: the registers and what they mean. Pure: no VMCS, no MSR, no other CPU.
//
// Registers stand in the virtual-APIC page, which outlives this struct's functions; what hardware
// does not read there is computed when it is asked for (PPR, current count).
#pragma once

#include "rm_guest/apic/page.hpp"
#include "rm_guest/apic/timer.hpp"

namespace rmv::apic {

// Version 14h (integrated APIC) with six local vector table entries: CMCI is not there. No
// suppression of EOI broadcasts.
inline constexpr u32 version = 0x0005'0014;

enum class ApicMode : u8 { disabled, xapic, x2apic };

[[nodiscard]] constexpr ApicMode mode_of(u64 apic_base) noexcept {
    if (!has(apic_base, ApicBase::enabled)) return ApicMode::disabled;
    return has(apic_base, ApicBase::x2apic) ? ApicMode::x2apic : ApicMode::xapic;
}

struct LocalApic {
    ApicPage* page;  // never null once reset() was called
    u64 base;        // IA32_APIC_BASE; other CPUs look at it to find destinations
    u32 id;          // the initial APIC ID, which is also the x2APIC ID
    u32 errors;      // since the last write of the ESR
    Timer timer;
};

// ---- reset ----

// Registers as after power-up, in the mode of `base`.
void reset(LocalApic& apic, ApicPage& page, u32 id, u64 base) noexcept;
// Registers as after an INIT: mode and ID stay (SDM: Local APIC State After It Receives an
// INIT-Reset).
void init(LocalApic& apic) noexcept;

// IA32_APIC_BASE: whether a value can be written at all, and from this mode (SDM: x2APIC State
// Transitions). The APIC does not move.
[[nodiscard]] bool is_valid_base(u64 base) noexcept;
[[nodiscard]] bool can_change_base(u64 from, u64 to) noexcept;
// After can_change_base().
void change_base(LocalApic& apic, u64 base) noexcept;

// ---- interrupts ----

[[nodiscard]] bool is_software_enabled(const LocalApic& apic) noexcept;
// A fixed interrupt arrives: into the IRR, or nowhere if the APIC is off.
void receive(LocalApic& apic, u8 vector) noexcept;
// The LVT's own interrupt, unless masked.
void raise_local(LocalApic& apic, ApicRegister lvt) noexcept;
void report_error(LocalApic& apic, ApicError error) noexcept;

// Processor priority: the higher class of TPR and of what is in service.
[[nodiscard]] u32 processor_priority(const LocalApic& apic) noexcept;
// What the CPU would take with interrupts enabled; empty: nothing above the processor priority.
[[nodiscard]] std::optional<u8> deliverable(const LocalApic& apic) noexcept;
// The CPU takes it: from IRR to ISR.
void take(LocalApic& apic, u8 vector) noexcept;
void end_of_interrupt(LocalApic& apic) noexcept;
// The TPR class below which a pending interrupt could be taken; 0: lowering the TPR brings nothing.
[[nodiscard]] u32 tpr_threshold(const LocalApic& apic) noexcept;

// ---- timer ----

// When the timer has to interrupt next; empty: not armed, masked, or its vector is pending already.
[[nodiscard]] std::optional<u64> next_deadline(const LocalApic& apic) noexcept;
// Raises what has expired at `now`.
void run_timer(LocalApic& apic, u64 now) noexcept;

}  // namespace rmv::apic
