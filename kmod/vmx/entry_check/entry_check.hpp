// SPDX-License-Identifier: GPL-2.0-only
// Explains a failed VM entry: which rule of the SDM's chapter "VM Entries" the VMCS breaks.
//
// The chapter's checks that VMCS fields and capabilities decide, for the fields that the visor
// uses. Not covered, because no field says it:
// - memory behind an address: MSR areas ("Loading MSRs"), the virtual-APIC page (TPR threshold
//   against VTPR), the link pointer's VMCS, PDPTEs without EPT;
// - state outside the VMCS: Intel PT on at entry, the launch state, being in SMM, a VMCS that is
//   linked to itself, BNDCFGS and TSX of this model;
// - IA32_PERF_GLOBAL_CTRL, which needs CPUID leaf 0AH;
// - STI blocking while an NMI is injected, which only some CPUs refuse.
// Not covered, because the visor leaves these features off: posted-interrupt descriptors,
// VM functions, VMCS shadowing, #VE, PML's address, sub-page permissions, HLAT, tertiary controls,
// secondary exit controls, IPI virtualization, and loading of CET, PKRS, BNDCFGS, RTIT, LBR, UINV
// and FRED state.
//
// Callable in root: no allocation, no state, bounded by the number of rules.
#pragma once

#include "vmx/entry_check/rule.hpp"

namespace rmv {

inline constexpr u32 no_broken_rule = 0;

// The first rule that the current VMCS breaks, or no_broken_rule. Rules count from 1; a number
// means the same rule in visor_entry_rule_text().
[[nodiscard]] u32 find_broken_rule(const visor_cpu_facts& facts, Vmcs& vmcs) noexcept;

[[nodiscard]] u32 entry_rule_count() noexcept;
// The rule with that number, null if there is none.
[[nodiscard]] const EntryRule* entry_rule(u32 number) noexcept;

}  // namespace rmv
