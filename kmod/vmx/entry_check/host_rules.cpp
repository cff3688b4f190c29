// SPDX-License-Identifier: GPL-2.0-only
// SDM volume 3, "Checks on VMX Controls and Host-State Area": the host-state area, and "Checks
// Related to Address-Space Size".
#include "vmx/entry_check/rule.hpp"
#include "x86/segment.hpp"

namespace rmv {
namespace {

bool host_cr0_fixed(const EntryState& state) noexcept {
    return allows_fixed(state.cpu().cr0_fixed0, state.cpu().cr0_fixed1, state.read(Field::host_cr0),
                        0);
}

bool host_cr4_fixed(const EntryState& state) noexcept {
    return allows_fixed(state.cpu().cr4_fixed0, state.cpu().cr4_fixed1, state.read(Field::host_cr4),
                        0);
}

bool host_cet_needs_wp(const EntryState& state) noexcept {
    return !has(state.read(Field::host_cr4), Cr4::cet) || has(state.read(Field::host_cr0), Cr0::wp);
}

bool host_cr3_width(const EntryState& state) noexcept {
    return state.is_physical(state.read(Field::host_cr3));
}

template <Field field>
bool is_canonical(const EntryState& state) noexcept {
    return state.is_canonical(state.read(field));
}

bool host_pat_types(const EntryState& state) noexcept {
    return !state.is_set(ExitControl::load_pat) || is_valid_pat(state.read(Field::host_pat));
}

bool host_efer_reserved(const EntryState& state) noexcept {
    return !state.is_set(ExitControl::load_efer) || is_valid_efer(state.read(Field::host_efer));
}

template <Efer one>
bool host_efer_is_address_space_size(const EntryState& state) noexcept {
    return !state.is_set(ExitControl::load_efer) ||
           has(state.read(Field::host_efer), one) ==
               state.is_set(ExitControl::host_address_space_size);
}

template <Field selector>
bool rpl_and_ti_zero(const EntryState& state) noexcept {
    return (state.read(selector) & selector_rpl_ti_mask) == 0;
}

template <Field selector>
bool is_not_null(const EntryState& state) noexcept {
    return state.read(selector) != 0;
}

// Root runs in IA-32e mode, and so must the CPU after the exit.
bool host_is_64_bit(const EntryState& state) noexcept {
    return state.is_set(ExitControl::host_address_space_size);
}

bool host_pae(const EntryState& state) noexcept {
    return !state.is_set(ExitControl::host_address_space_size) ||
           has(state.read(Field::host_cr4), Cr4::pae);
}

constexpr EntryRule rules[] = {
    {"host CR0: bits that VMX fixes have their value (IA32_VMX_CR0_FIXED0/1)", host_cr0_fixed},
    {"host CR4: bits that VMX fixes have their value (IA32_VMX_CR4_FIXED0/1)", host_cr4_fixed},
    {"host CR4.CET needs CR0.WP", host_cet_needs_wp},
    {"host CR3: bits above the physical-address width are 0", host_cr3_width},
    {"host IA32_SYSENTER_ESP is canonical", is_canonical<Field::host_sysenter_esp>},
    {"host IA32_SYSENTER_EIP is canonical", is_canonical<Field::host_sysenter_eip>},
    {"host IA32_PAT: each byte is a memory type", host_pat_types},
    {"host IA32_EFER: reserved bits are 0", host_efer_reserved},
    {"host IA32_EFER.LMA equals host address-space size",
     host_efer_is_address_space_size<Efer::lma>},
    {"host IA32_EFER.LME equals host address-space size",
     host_efer_is_address_space_size<Efer::lme>},
    {"host CS selector: RPL and TI are 0", rpl_and_ti_zero<Field::host_cs_selector>},
    {"host SS selector: RPL and TI are 0", rpl_and_ti_zero<Field::host_ss_selector>},
    {"host DS selector: RPL and TI are 0", rpl_and_ti_zero<Field::host_ds_selector>},
    {"host ES selector: RPL and TI are 0", rpl_and_ti_zero<Field::host_es_selector>},
    {"host FS selector: RPL and TI are 0", rpl_and_ti_zero<Field::host_fs_selector>},
    {"host GS selector: RPL and TI are 0", rpl_and_ti_zero<Field::host_gs_selector>},
    {"host TR selector: RPL and TI are 0", rpl_and_ti_zero<Field::host_tr_selector>},
    {"host CS selector is not 0", is_not_null<Field::host_cs_selector>},
    {"host TR selector is not 0", is_not_null<Field::host_tr_selector>},
    {"host FS base is canonical", is_canonical<Field::host_fs_base>},
    {"host GS base is canonical", is_canonical<Field::host_gs_base>},
    {"host GDTR base is canonical", is_canonical<Field::host_gdtr_base>},
    {"host IDTR base is canonical", is_canonical<Field::host_idtr_base>},
    {"host TR base is canonical", is_canonical<Field::host_tr_base>},
    {"host address-space size is 1, since the CPU enters from IA-32e mode", host_is_64_bit},
    {"host CR4.PAE is 1 for a 64-bit host", host_pae},
    {"host RIP is canonical", is_canonical<Field::host_rip>},
};

}  // namespace

constinit const std::span<const EntryRule> host_rules{rules};

u32 broken_host_rule(const EntryState& state) noexcept { return first_broken<rules>(state); }

}  // namespace rmv
