// SPDX-License-Identifier: GPL-2.0-only
// Which VMCS field holds which member of struct visor_vcpu_state, for what is only copied.
#pragma once

#include "vmx/field.hpp"

namespace rmv {

struct WordField {
    Field field;
    u64 visor_vcpu_state::*member;
};

inline constexpr WordField word_fields[] = {
    {Field::guest_rip, &visor_vcpu_state::rip},
    {Field::guest_rflags, &visor_vcpu_state::rflags},
    {Field::guest_dr7, &visor_vcpu_state::dr7},
};

struct SegmentFields {
    Field selector, base, limit, access_rights;
    rmv_segment visor_vcpu_state::*member;
};

inline constexpr SegmentFields segment_fields[] = {
    {Field::guest_cs_selector, Field::guest_cs_base, Field::guest_cs_limit,
     Field::guest_cs_access_rights, &visor_vcpu_state::cs},
    {Field::guest_ds_selector, Field::guest_ds_base, Field::guest_ds_limit,
     Field::guest_ds_access_rights, &visor_vcpu_state::ds},
    {Field::guest_es_selector, Field::guest_es_base, Field::guest_es_limit,
     Field::guest_es_access_rights, &visor_vcpu_state::es},
    {Field::guest_fs_selector, Field::guest_fs_base, Field::guest_fs_limit,
     Field::guest_fs_access_rights, &visor_vcpu_state::fs},
    {Field::guest_gs_selector, Field::guest_gs_base, Field::guest_gs_limit,
     Field::guest_gs_access_rights, &visor_vcpu_state::gs},
    {Field::guest_ss_selector, Field::guest_ss_base, Field::guest_ss_limit,
     Field::guest_ss_access_rights, &visor_vcpu_state::ss},
    {Field::guest_tr_selector, Field::guest_tr_base, Field::guest_tr_limit,
     Field::guest_tr_access_rights, &visor_vcpu_state::tr},
    {Field::guest_ldtr_selector, Field::guest_ldtr_base, Field::guest_ldtr_limit,
     Field::guest_ldtr_access_rights, &visor_vcpu_state::ldt},
};

struct TableFields {
    Field base, limit;
    rmv_table visor_vcpu_state::*member;
};

inline constexpr TableFields table_fields[] = {
    {Field::guest_gdtr_base, Field::guest_gdtr_limit, &visor_vcpu_state::gdt},
    {Field::guest_idtr_base, Field::guest_idtr_limit, &visor_vcpu_state::idt},
};

}  // namespace rmv
