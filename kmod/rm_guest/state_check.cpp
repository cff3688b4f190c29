// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/state_check.hpp"

#include "rm_guest/control_registers.hpp"
#include "vmx/globals.hpp"

namespace rmv {

namespace {

// IA32_APIC_BASE: BSP and global enable; x2APIC mode only of an APIC that is there (SDM: Local APIC
// Status and Location).
bool is_valid_apic_base(u64 value, const RmGuest& rm) noexcept {
    if (rm.apic.is_on()) return apic::is_valid_base(value);
    constexpr u64 bsp_and_enable = bit(8) | bit(11);
    const u64 address = (bit(globals.facts.physical_bits) - 1) & ~page_mask;
    return (value & ~(bsp_and_enable | address)) == 0;
}

constexpr Status bad(StateError what) noexcept {
    return {VISOR_BAD_ARGUMENT, static_cast<u64>(what)};
}

}  // namespace

Status check_state(Vmcs& vmcs, const RmGuest& rm, const visor_vcpu_state& state) noexcept {
    constexpr u64 highest_priority = 15;
    if (high32(state.cr0) != 0) return bad(StateError::cr0);
    if ((state.cr4 & ~cr4_settable(globals.facts)) != 0) return bad(StateError::cr4);
    if (state.cr8 > highest_priority) return bad(StateError::cr8);
    if ((state.efer & ~efer_settable()) != 0) return bad(StateError::efer);
    if (!is_valid_apic_base(state.apic_base, rm)) return bad(StateError::apic_base);
    return vmcs.status();
}

}  // namespace rmv
