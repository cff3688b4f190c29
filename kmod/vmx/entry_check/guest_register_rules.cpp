// SPDX-License-Identifier: GPL-2.0-only
// SDM volume 3, "Checks on the Guest State Area": control, debug and descriptor-table registers,
// MSRs, RIP and RFLAGS.
#include "vmx/entry_check/event.hpp"
#include "vmx/entry_check/rule.hpp"
#include "x86/segment.hpp"

namespace rmv {
namespace {

// VM entry does not load CR0.CD and NW, so it does not look at them.
bool guest_cr0_fixed(const EntryState& state) noexcept {
    u64 ignored = mask(Cr0::nw, Cr0::cd);
    if (state.is_unrestricted()) ignored |= mask(Cr0::pe, Cr0::pg);
    return allows_fixed(state.cpu().cr0_fixed0, state.cpu().cr0_fixed1,
                        state.read(Field::guest_cr0), ignored);
}

bool guest_pg_needs_pe(const EntryState& state) noexcept {
    return !state.guest_has(Cr0::pg) || state.guest_has(Cr0::pe);
}

bool guest_cr4_fixed(const EntryState& state) noexcept {
    return allows_fixed(state.cpu().cr4_fixed0, state.cpu().cr4_fixed1,
                        state.read(Field::guest_cr4), 0);
}

bool guest_cet_needs_wp(const EntryState& state) noexcept {
    return !state.guest_has(Cr4::cet) || state.guest_has(Cr0::wp);
}

// Bits that some CPU defines are let pass: 2:0, 15:6.
bool guest_debugctl_reserved(const EntryState& state) noexcept {
    const u64 debugctl = state.read(Field::guest_debugctl);
    return !state.is_set(EntryControl::load_debug_controls) ||
           (bits(debugctl, 5, 3) == 0 && bits(debugctl, 63, 16) == 0);
}

bool ia32e_guest_needs_paging(const EntryState& state) noexcept {
    return !state.is_ia32e() || state.guest_has(Cr0::pg);
}

bool ia32e_guest_needs_pae(const EntryState& state) noexcept {
    return !state.is_ia32e() || state.guest_has(Cr4::pae);
}

bool pcide_needs_ia32e_guest(const EntryState& state) noexcept {
    return state.is_ia32e() || !state.guest_has(Cr4::pcide);
}

// Bits 62:61 turn linear-address masking on where the CPU has it.
bool guest_cr3_width(const EntryState& state) noexcept {
    constexpr u64 address_masking = bit(61) | bit(62);
    const u64 allowed = has(state.cpu().cr4_fixed1, Cr4::lam_sup) ? address_masking : 0;
    return state.is_physical(state.read(Field::guest_cr3) & ~allowed);
}

bool guest_dr7_high_half(const EntryState& state) noexcept {
    return !state.is_set(EntryControl::load_debug_controls) ||
           high32(state.read(Field::guest_dr7)) == 0;
}

template <Field field>
bool is_canonical(const EntryState& state) noexcept {
    return state.is_canonical(state.read(field));
}

bool guest_pat_types(const EntryState& state) noexcept {
    return !state.is_set(EntryControl::load_pat) || is_valid_pat(state.read(Field::guest_pat));
}

bool guest_efer_reserved(const EntryState& state) noexcept {
    return !state.is_set(EntryControl::load_efer) || is_valid_efer(state.read(Field::guest_efer));
}

bool guest_lma_is_ia32e(const EntryState& state) noexcept {
    return !state.is_set(EntryControl::load_efer) ||
           has(state.read(Field::guest_efer), Efer::lma) == state.is_ia32e();
}

bool guest_lma_is_lme_with_paging(const EntryState& state) noexcept {
    if (!state.is_set(EntryControl::load_efer) || !state.guest_has(Cr0::pg)) return true;
    const u64 efer = state.read(Field::guest_efer);
    return has(efer, Efer::lma) == has(efer, Efer::lme);
}

template <Field field>
bool fits_16_bits(const EntryState& state) noexcept {
    return bits(state.read(field), 31, 16) == 0;
}

[[nodiscard]] bool runs_64_bit_code(const EntryState& state) noexcept {
    return state.is_ia32e() &&
           has(state.read(Field::guest_cs_access_rights), AccessRights::long_mode);
}

bool guest_rip_32_bits(const EntryState& state) noexcept {
    return runs_64_bit_code(state) || high32(state.read(Field::guest_rip)) == 0;
}

// Laxer than canonical: the bit below these may differ from them.
bool guest_rip_upper_bits_equal(const EntryState& state) noexcept {
    if (!runs_64_bit_code(state)) return true;
    const u64 upper = state.read(Field::guest_rip) >> state.linear_bits();
    return upper == 0 || upper == (~u64{0} >> state.linear_bits());
}

bool guest_rflags_reserved(const EntryState& state) noexcept {
    constexpr u64 must_be_0 = (~u64{0} << 22) | bit(15) | bit(5) | bit(3);
    return (state.read(Field::guest_rflags) & must_be_0) == 0 && state.guest_has(Rflags::fixed1);
}

bool v8086_needs_protected_legacy_mode(const EntryState& state) noexcept {
    return !state.guest_has(Rflags::vm) || (!state.is_ia32e() && state.guest_has(Cr0::pe));
}

bool injected_interrupt_needs_if(const EntryState& state) noexcept {
    return !injected_event(state).is(InterruptionType::external_interrupt) ||
           state.guest_has(Rflags::iflag);
}

constexpr EntryRule rules[] = {
    {"guest CR0: bits that VMX fixes have their value (IA32_VMX_CR0_FIXED0/1)", guest_cr0_fixed},
    {"guest CR0.PG needs CR0.PE", guest_pg_needs_pe},
    {"guest CR4: bits that VMX fixes have their value (IA32_VMX_CR4_FIXED0/1)", guest_cr4_fixed},
    {"guest CR4.CET needs CR0.WP", guest_cet_needs_wp},
    {"guest IA32_DEBUGCTL: reserved bits are 0", guest_debugctl_reserved},
    {"guest CR0.PG is 1 in an IA-32e mode guest", ia32e_guest_needs_paging},
    {"guest CR4.PAE is 1 in an IA-32e mode guest", ia32e_guest_needs_pae},
    {"guest CR4.PCIDE needs IA-32e mode guest", pcide_needs_ia32e_guest},
    {"guest CR3: bits above the physical-address width are 0", guest_cr3_width},
    {"guest DR7: bits 63:32 are 0", guest_dr7_high_half},
    {"guest IA32_SYSENTER_ESP is canonical", is_canonical<Field::guest_sysenter_esp>},
    {"guest IA32_SYSENTER_EIP is canonical", is_canonical<Field::guest_sysenter_eip>},
    {"guest IA32_PAT: each byte is a memory type", guest_pat_types},
    {"guest IA32_EFER: reserved bits are 0", guest_efer_reserved},
    {"guest IA32_EFER.LMA equals IA-32e mode guest", guest_lma_is_ia32e},
    {"guest IA32_EFER.LMA equals LME when CR0.PG is 1", guest_lma_is_lme_with_paging},
    {"guest GDTR base is canonical", is_canonical<Field::guest_gdtr_base>},
    {"guest IDTR base is canonical", is_canonical<Field::guest_idtr_base>},
    {"guest GDTR limit: bits 31:16 are 0", fits_16_bits<Field::guest_gdtr_limit>},
    {"guest IDTR limit: bits 31:16 are 0", fits_16_bits<Field::guest_idtr_limit>},
    {"guest RIP: bits 63:32 are 0 outside 64-bit code", guest_rip_32_bits},
    {"guest RIP: bits above the linear-address width are equal in 64-bit code",
     guest_rip_upper_bits_equal},
    {"guest RFLAGS: bit 1 is 1, reserved bits are 0", guest_rflags_reserved},
    {"guest RFLAGS.VM needs CR0.PE and no IA-32e mode", v8086_needs_protected_legacy_mode},
    {"guest RFLAGS.IF is 1 when an external interrupt is injected", injected_interrupt_needs_if},
};

}  // namespace

constinit const std::span<const EntryRule> guest_register_rules{rules};

u32 broken_guest_register_rule(const EntryState& state) noexcept {
    return first_broken<rules>(state);
}

}  // namespace rmv
