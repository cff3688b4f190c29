// SPDX-License-Identifier: GPL-2.0-only
// CR0, CR4 and EFER of the guest: what it sees against what the CPU runs with.
//
// Bits that the guest does not own come from the read shadow when it reads them, and a write that
// would change them exits (SDM: Guest/Host Masks and Read Shadows for CR0 and CR4).
#pragma once

#include "vmx/cpu.hpp"
#include "vmx/vmcs.hpp"
#include "x86/control_registers.hpp"

namespace rmv {

// ---- CR0 ----

// Changed without an exit. PE and PG are watched because they decide how the CPU is entered.
inline constexpr u64 cr0_guest_owned = mask(Cr0::mp, Cr0::em, Cr0::ts, Cr0::wp, Cr0::am);
inline constexpr u64 cr0_mode_bits = mask(Cr0::pe, Cr0::pg);
inline constexpr u64 cr0_defined =
    cr0_guest_owned | cr0_mode_bits | mask(Cr0::et, Cr0::ne, Cr0::nw, Cr0::cd);

// The register behind it. CD and NW stay clear: the caches are the machine's, not the guest's.
[[nodiscard]] constexpr u64 hardware_cr0(u64 visible, const visor_cpu_facts& facts) noexcept {
    // Unrestricted guest frees PE and PG (SDM: Checks on Guest Control Registers).
    const u64 forced = facts.cr0_fixed0 & ~cr0_mode_bits;
    return (visible & (cr0_guest_owned | cr0_mode_bits)) | mask(Cr0::et) | forced;
}

[[nodiscard]] u64 read_guest_cr0(Vmcs& vmcs) noexcept;
// Reserved bits are dropped and ET is set, as MOV to CR0 does it.
void write_guest_cr0(RmGuest& rm, Vmcs& vmcs, u64 visible) noexcept;

// ---- CR4 ----

// What a guest may set. The others belong to features that are not the guest's (yet).
inline constexpr u64 cr4_candidates =
    mask(Cr4::vme, Cr4::pvi, Cr4::tsd, Cr4::de, Cr4::pse, Cr4::pae, Cr4::mce, Cr4::pge, Cr4::pce,
         Cr4::osfxsr, Cr4::osxmmexcpt, Cr4::osxsave);

[[nodiscard]] constexpr u64 cr4_settable(const visor_cpu_facts& facts) noexcept {
    return cr4_candidates & facts.cr4_fixed1;
}

// MCE stays on whatever the guest thinks: a machine check with CR4.MCE = 0 shuts the CPU down.
[[nodiscard]] constexpr u64 cr4_guest_owned(const visor_cpu_facts& facts) noexcept {
    return cr4_settable(facts) & ~mask(Cr4::mce);
}

[[nodiscard]] constexpr u64 hardware_cr4(u64 visible, const visor_cpu_facts& facts) noexcept {
    return (visible & cr4_settable(facts)) | facts.cr4_fixed0 | (mask(Cr4::mce) & facts.cr4_fixed1);
}

[[nodiscard]] u64 read_guest_cr4(Vmcs& vmcs) noexcept;
void write_guest_cr4(Vmcs& vmcs, u64 visible) noexcept;

// The masks that make all of the above true.
void write_control_register_masks(Vmcs& vmcs) noexcept;

// ---- EFER ----

// Bits that a guest may set on this CPU.
[[nodiscard]] u64 efer_settable() noexcept;
// Keeps LME where rsm_guard.hpp wants it, and the entry control "IA-32e mode guest" equal to
// EFER.LMA, as hardware demands.
[[nodiscard]] u64 read_guest_efer(const RmGuest& rm, Vmcs& vmcs) noexcept;
void write_guest_efer(RmGuest& rm, Vmcs& vmcs, u64 efer) noexcept;

// ---- modes ----

// PAE paging takes its PDPTEs from guest memory when it is turned on; root does not read that.
[[nodiscard]] constexpr bool is_pae_paging(u64 cr0, u64 cr4, u64 efer) noexcept {
    return has(cr0, Cr0::pg) && has(cr4, Cr4::pae) && !has(efer, Efer::lma);
}

[[nodiscard]] bool is_real_mode(Vmcs& vmcs) noexcept;
[[nodiscard]] bool is_64bit_code(Vmcs& vmcs) noexcept;

}  // namespace rmv
