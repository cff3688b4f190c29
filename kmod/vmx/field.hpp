// SPDX-License-Identifier: GPL-2.0-only
// VMCS component encodings, under the headings of SDM volume 3, appendix "Field Encoding in VMCS".
// Width and read-only-ness are part of the encoding, so an accessor can check them at compile time.
#pragma once

#include "x86/types.hpp"

namespace rmv {

enum class Field : u32 {
    // 16-Bit Control Fields
    vpid = 0x0000,

    // 16-Bit Guest-State Fields
    guest_es_selector = 0x0800,
    guest_cs_selector = 0x0802,
    guest_ss_selector = 0x0804,
    guest_ds_selector = 0x0806,
    guest_fs_selector = 0x0808,
    guest_gs_selector = 0x080a,
    guest_ldtr_selector = 0x080c,
    guest_tr_selector = 0x080e,

    // 16-Bit Host-State Fields
    host_es_selector = 0x0c00,
    host_cs_selector = 0x0c02,
    host_ss_selector = 0x0c04,
    host_ds_selector = 0x0c06,
    host_fs_selector = 0x0c08,
    host_gs_selector = 0x0c0a,
    host_tr_selector = 0x0c0c,

    // 64-Bit Control Fields
    io_bitmap_a = 0x2000,
    io_bitmap_b = 0x2002,
    msr_bitmap = 0x2004,
    exit_msr_store_address = 0x2006,
    exit_msr_load_address = 0x2008,
    entry_msr_load_address = 0x200a,
    tsc_offset = 0x2010,
    virtual_apic_address = 0x2012,
    apic_access_address = 0x2014,
    ept_pointer = 0x201a,
    xss_exiting_bitmap = 0x202c,
    pconfig_exiting_bitmap = 0x203e,

    // 64-Bit Read-Only Data Field
    guest_physical_address = 0x2400,

    // 64-Bit Guest-State Fields
    vmcs_link_pointer = 0x2800,
    guest_debugctl = 0x2802,
    guest_pat = 0x2804,
    guest_efer = 0x2806,
    guest_perf_global_ctrl = 0x2808,
    guest_pdpte0 = 0x280a,
    guest_pdpte1 = 0x280c,
    guest_pdpte2 = 0x280e,
    guest_pdpte3 = 0x2810,

    // 64-Bit Host-State Fields
    host_pat = 0x2c00,
    host_efer = 0x2c02,
    host_perf_global_ctrl = 0x2c04,

    // 32-Bit Control Fields
    pin_based_controls = 0x4000,
    primary_processor_controls = 0x4002,
    exception_bitmap = 0x4004,
    page_fault_error_code_mask = 0x4006,
    page_fault_error_code_match = 0x4008,
    cr3_target_count = 0x400a,
    exit_controls = 0x400c,
    exit_msr_store_count = 0x400e,
    exit_msr_load_count = 0x4010,
    entry_controls = 0x4012,
    entry_msr_load_count = 0x4014,
    entry_interruption_info = 0x4016,
    entry_exception_error_code = 0x4018,
    entry_instruction_length = 0x401a,
    tpr_threshold = 0x401c,
    secondary_processor_controls = 0x401e,

    // 32-Bit Read-Only Data Fields
    instruction_error = 0x4400,
    exit_reason = 0x4402,
    exit_interruption_info = 0x4404,
    exit_interruption_error_code = 0x4406,
    idt_vectoring_info = 0x4408,
    idt_vectoring_error_code = 0x440a,
    exit_instruction_length = 0x440c,
    exit_instruction_info = 0x440e,

    // 32-Bit Guest-State Fields
    guest_es_limit = 0x4800,
    guest_cs_limit = 0x4802,
    guest_ss_limit = 0x4804,
    guest_ds_limit = 0x4806,
    guest_fs_limit = 0x4808,
    guest_gs_limit = 0x480a,
    guest_ldtr_limit = 0x480c,
    guest_tr_limit = 0x480e,
    guest_gdtr_limit = 0x4810,
    guest_idtr_limit = 0x4812,
    guest_es_access_rights = 0x4814,
    guest_cs_access_rights = 0x4816,
    guest_ss_access_rights = 0x4818,
    guest_ds_access_rights = 0x481a,
    guest_fs_access_rights = 0x481c,
    guest_gs_access_rights = 0x481e,
    guest_ldtr_access_rights = 0x4820,
    guest_tr_access_rights = 0x4822,
    guest_interruptibility = 0x4824,
    guest_activity = 0x4826,
    guest_sysenter_cs = 0x482a,
    preemption_timer_value = 0x482e,

    // 32-Bit Host-State Field
    host_sysenter_cs = 0x4c00,

    // Natural-Width Control Fields
    cr0_guest_host_mask = 0x6000,
    cr4_guest_host_mask = 0x6002,
    cr0_read_shadow = 0x6004,
    cr4_read_shadow = 0x6006,

    // Natural-Width Read-Only Data Fields
    exit_qualification = 0x6400,
    guest_linear_address = 0x640a,

    // Natural-Width Guest-State Fields
    guest_cr0 = 0x6800,
    guest_cr3 = 0x6802,
    guest_cr4 = 0x6804,
    guest_es_base = 0x6806,
    guest_cs_base = 0x6808,
    guest_ss_base = 0x680a,
    guest_ds_base = 0x680c,
    guest_fs_base = 0x680e,
    guest_gs_base = 0x6810,
    guest_ldtr_base = 0x6812,
    guest_tr_base = 0x6814,
    guest_gdtr_base = 0x6816,
    guest_idtr_base = 0x6818,
    guest_dr7 = 0x681a,
    guest_rsp = 0x681c,
    guest_rip = 0x681e,
    guest_rflags = 0x6820,
    guest_pending_debug = 0x6822,
    guest_sysenter_esp = 0x6824,
    guest_sysenter_eip = 0x6826,

    // Natural-Width Host-State Fields
    host_cr0 = 0x6c00,
    host_cr3 = 0x6c02,
    host_cr4 = 0x6c04,
    host_fs_base = 0x6c06,
    host_gs_base = 0x6c08,
    host_tr_base = 0x6c0a,
    host_gdtr_base = 0x6c0c,
    host_idtr_base = 0x6c0e,
    host_sysenter_esp = 0x6c10,
    host_sysenter_eip = 0x6c12,
    host_rsp = 0x6c14,
    host_rip = 0x6c16,
};

// Bits 14:13 of an encoding.
enum class FieldWidth : u32 { word = 0, quad = 1, dword = 2, natural = 3 };
// Bits 11:10 of an encoding.
enum class FieldType : u32 { control = 0, read_only = 1, guest_state = 2, host_state = 3 };

[[nodiscard]] constexpr FieldWidth width_of(Field field) noexcept {
    return static_cast<FieldWidth>(bits(static_cast<u32>(field), 14, 13));
}

[[nodiscard]] constexpr FieldType type_of(Field field) noexcept {
    return static_cast<FieldType>(bits(static_cast<u32>(field), 11, 10));
}

template <FieldWidth width>
struct FieldValue;
// clang-format off
template <> struct FieldValue<FieldWidth::word> { using type = u16; };
template <> struct FieldValue<FieldWidth::quad> { using type = u64; };
template <> struct FieldValue<FieldWidth::dword> { using type = u32; };
template <> struct FieldValue<FieldWidth::natural> { using type = u64; };
// clang-format on

template <Field field>
using value_of = typename FieldValue<width_of(field)>::type;

static_assert(width_of(Field::vpid) == FieldWidth::word);
static_assert(width_of(Field::ept_pointer) == FieldWidth::quad);
static_assert(width_of(Field::exit_reason) == FieldWidth::dword);
static_assert(width_of(Field::guest_rip) == FieldWidth::natural);
static_assert(type_of(Field::exit_reason) == FieldType::read_only);

}  // namespace rmv
