// SPDX-License-Identifier: GPL-2.0-only
// How the CPU treats the guest's accesses to its APIC (SDM: APIC Virtualization and Virtual
// Interrupts).
//
//      mode       memory at FEE00000h                       MSRs 800h to 8FFh   CR8
//      xAPIC      reads from the virtual-APIC page,         #GP                 the page's TPR
//                 writes into it and then an exit
//      x2APIC     every access exits                        every access exits  exits
//      disabled   every access exits                        #GP                 exits
//
// The page that the guest's map has at FEE00000h is the same for all guests and never reached: the
// control "virtualize APIC accesses" is on in every mode. Virtual-interrupt delivery is not used.
#pragma once

#include "vmx/cpu.hpp"
#include "vmx/vmcs.hpp"

namespace rmv::apic {

// Whether this CPU can virtualize accesses in xAPIC mode. Without, the guest's CPUID shows no APIC
// but x2APIC, and FEE00000h is not mapped.
[[nodiscard]] bool has_xapic(const visor_cpu_facts& facts) noexcept;

// At RESET and after each change of IA32_APIC_BASE.
void write_controls(const Cpu& cpu, Vmcs& vmcs) noexcept;

// Before every entry: the exit that comes when the guest's TPR lets a pending interrupt through,
// and the deadline of the timer.
void prepare_entry(Cpu& cpu, Vmcs& vmcs) noexcept;

}  // namespace rmv::apic
