// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/reset_state.hpp"

#include "rm_guest/control_registers.hpp"
#include "vmx/controls.hpp"
#include "x86/insn.hpp"

namespace rmv {

namespace {

struct FieldValuePair {
    Field field;
    u64 value;
};

template <Field field>
consteval FieldValuePair set(value_of<field> value) {
    static_assert(type_of(field) == FieldType::guest_state || type_of(field) == FieldType::control);
    return {field, value};
}

constexpr u32 limit_64k = 0xffff;
// Present, read/write, accessed; also for CS, as the SDM's table has it.
constexpr u32 rights_data = 0x93;
constexpr u32 rights_ldt = 0x82;
// Busy 32-bit TSS: the SDM's table says "R/W", and VM entry wants a busy one.
constexpr u32 rights_tss = 0x8b;

constexpr FieldValuePair reset_values[] = {
    set<Field::guest_cs_selector>(0xf000),
    set<Field::guest_cs_base>(0xffff0000),
    set<Field::guest_cs_limit>(limit_64k),
    set<Field::guest_cs_access_rights>(rights_data),
    set<Field::guest_ss_selector>(0),
    set<Field::guest_ss_base>(0),
    set<Field::guest_ss_limit>(limit_64k),
    set<Field::guest_ss_access_rights>(rights_data),
    set<Field::guest_ds_selector>(0),
    set<Field::guest_ds_base>(0),
    set<Field::guest_ds_limit>(limit_64k),
    set<Field::guest_ds_access_rights>(rights_data),
    set<Field::guest_es_selector>(0),
    set<Field::guest_es_base>(0),
    set<Field::guest_es_limit>(limit_64k),
    set<Field::guest_es_access_rights>(rights_data),
    set<Field::guest_fs_selector>(0),
    set<Field::guest_fs_base>(0),
    set<Field::guest_fs_limit>(limit_64k),
    set<Field::guest_fs_access_rights>(rights_data),
    set<Field::guest_gs_selector>(0),
    set<Field::guest_gs_base>(0),
    set<Field::guest_gs_limit>(limit_64k),
    set<Field::guest_gs_access_rights>(rights_data),
    set<Field::guest_ldtr_selector>(0),
    set<Field::guest_ldtr_base>(0),
    set<Field::guest_ldtr_limit>(limit_64k),
    set<Field::guest_ldtr_access_rights>(rights_ldt),
    set<Field::guest_tr_selector>(0),
    set<Field::guest_tr_base>(0),
    set<Field::guest_tr_limit>(limit_64k),
    set<Field::guest_tr_access_rights>(rights_tss),
    set<Field::guest_gdtr_base>(0),
    set<Field::guest_gdtr_limit>(limit_64k),
    set<Field::guest_idtr_base>(0),
    set<Field::guest_idtr_limit>(limit_64k),

    set<Field::guest_rip>(0xfff0),
    set<Field::guest_rsp>(0),
    set<Field::guest_rflags>(static_cast<u64>(Rflags::fixed1)),
    set<Field::guest_cr3>(0),
    set<Field::guest_dr7>(0x400),
    set<Field::guest_pdpte0>(0),
    set<Field::guest_pdpte1>(0),
    set<Field::guest_pdpte2>(0),
    set<Field::guest_pdpte3>(0),

    set<Field::guest_debugctl>(0),

    set<Field::guest_activity>(static_cast<u32>(Activity::active)),
    set<Field::guest_interruptibility>(0),
    set<Field::guest_pending_debug>(0),

    // A VMCS holds garbage until it is written: nothing is injected, no MSR list, no CR3 targets.
    set<Field::entry_interruption_info>(0),
    set<Field::entry_exception_error_code>(0),
    set<Field::entry_instruction_length>(0),
    set<Field::entry_msr_load_count>(0),
    set<Field::exit_msr_load_count>(0),
    set<Field::exit_msr_store_count>(0),
    set<Field::cr3_target_count>(0),
    set<Field::page_fault_error_code_mask>(0),
    set<Field::page_fault_error_code_match>(0),
};

// Of the guest-state area, what an INIT leaves alone.
constexpr FieldValuePair power_up_values[] = {
    set<Field::guest_pat>(pat_reset),
    set<Field::guest_sysenter_cs>(0),
    set<Field::guest_sysenter_esp>(0),
    set<Field::guest_sysenter_eip>(0),
};

}  // namespace

u32 reset_signature() noexcept { return insn::cpuid(1, 0).eax; }

void write_reset_state(RmGuest& rm, Vmcs& vmcs) noexcept {
    for (const FieldValuePair& entry : power_up_values) vmcs.write_raw(entry.field, entry.value);
    write_init_state(rm, vmcs, mask(Cr0::cd, Cr0::nw, Cr0::et));
}

void write_init_state(RmGuest& rm, Vmcs& vmcs, u64 cr0) noexcept {
    for (const FieldValuePair& entry : reset_values) vmcs.write_raw(entry.field, entry.value);
    rm.guard = {};  // CR3 and EFER are in the VMCS; it begins again with CR0
    write_guest_efer(rm, vmcs, 0);
    write_guest_cr4(vmcs, 0);
    write_guest_cr0(rm, vmcs, cr0);
}

}  // namespace rmv
