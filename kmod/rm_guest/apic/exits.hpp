// SPDX-License-Identifier: GPL-2.0-only
// Exits by which the guest reaches its APIC.
#pragma once

#include "exit/context.hpp"

namespace rmv::apic {

// Exit 44: an access that hardware can't do by itself, such as a read of the current count, or that
// is none of a register. Stops the guest like an access outside its memory: the owner completes the
// instruction (KVM_GET_LAPIC has the value).
[[nodiscard]] Action handle_apic_access(ExitContext& exit, visor_stop& stop) noexcept;
// Exit 56: hardware has put the value into the page.
[[nodiscard]] Action handle_apic_write(ExitContext& exit) noexcept;
// Exit 43: a pending interrupt gets through now; the next entry finds it.
[[nodiscard]] Action handle_tpr_below_threshold(const RmGuest& rm) noexcept;

// MSRs 800h to 8FFh and IA32_TSC_DEADLINE. Empty, false: #GP(0).
[[nodiscard]] bool is_apic_msr(u32 msr) noexcept;
[[nodiscard]] std::optional<u64> read_apic_msr(const Cpu& cpu, u32 msr) noexcept;
[[nodiscard]] bool write_apic_msr(Cpu& cpu, u32 msr, u64 value) noexcept;
// IA32_APIC_BASE. False: #GP(0).
[[nodiscard]] bool write_apic_base(Cpu& cpu, Vmcs& vmcs, u64 value) noexcept;

// Likewise from the owner, who may change the mode in any way; the value has been checked.
void set_apic_base(Cpu& cpu, Vmcs& vmcs, u64 value) noexcept;

// CR8, which is the TPR's upper half.
[[nodiscard]] u64 read_cr8(const RmGuest& rm) noexcept;
void write_cr8(RmGuest& rm, u64 value) noexcept;

}  // namespace rmv::apic
