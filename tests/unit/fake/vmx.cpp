// SPDX-License-Identifier: GPL-2.0-only
#include "vmx.hpp"

#include <gtest/gtest.h>

#include "x86/types.hpp"

namespace fake {
namespace {

Vmx the_vmx;

// Every field that the visor has a name for. The compiler tells when one is missing here.
bool is_known(Field field) {
    // clang-format off
    switch (field) {
    case Field::vpid: case Field::guest_es_selector: case Field::guest_cs_selector:
    case Field::guest_ss_selector: case Field::guest_ds_selector: case Field::guest_fs_selector:
    case Field::guest_gs_selector: case Field::guest_ldtr_selector:
    case Field::guest_tr_selector: case Field::host_es_selector: case Field::host_cs_selector:
    case Field::host_ss_selector: case Field::host_ds_selector: case Field::host_fs_selector:
    case Field::host_gs_selector: case Field::host_tr_selector: case Field::io_bitmap_a:
    case Field::io_bitmap_b: case Field::msr_bitmap: case Field::exit_msr_store_address:
    case Field::exit_msr_load_address: case Field::entry_msr_load_address:
    case Field::tsc_offset: case Field::virtual_apic_address: case Field::apic_access_address:
    case Field::ept_pointer: case Field::xss_exiting_bitmap: case Field::pconfig_exiting_bitmap:
    case Field::guest_physical_address: case Field::vmcs_link_pointer:
    case Field::guest_debugctl: case Field::guest_pat: case Field::guest_efer:
    case Field::guest_perf_global_ctrl: case Field::guest_pdpte0: case Field::guest_pdpte1:
    case Field::guest_pdpte2: case Field::guest_pdpte3: case Field::host_pat:
    case Field::host_efer: case Field::host_perf_global_ctrl: case Field::pin_based_controls:
    case Field::primary_processor_controls: case Field::exception_bitmap:
    case Field::page_fault_error_code_mask: case Field::page_fault_error_code_match:
    case Field::cr3_target_count: case Field::exit_controls: case Field::exit_msr_store_count:
    case Field::exit_msr_load_count: case Field::entry_controls:
    case Field::entry_msr_load_count: case Field::entry_interruption_info:
    case Field::entry_exception_error_code: case Field::entry_instruction_length:
    case Field::tpr_threshold: case Field::secondary_processor_controls:
    case Field::instruction_error: case Field::exit_reason: case Field::exit_interruption_info:
    case Field::exit_interruption_error_code: case Field::idt_vectoring_info:
    case Field::idt_vectoring_error_code: case Field::exit_instruction_length:
    case Field::exit_instruction_info: case Field::guest_es_limit: case Field::guest_cs_limit:
    case Field::guest_ss_limit: case Field::guest_ds_limit: case Field::guest_fs_limit:
    case Field::guest_gs_limit: case Field::guest_ldtr_limit: case Field::guest_tr_limit:
    case Field::guest_gdtr_limit: case Field::guest_idtr_limit:
    case Field::guest_es_access_rights: case Field::guest_cs_access_rights:
    case Field::guest_ss_access_rights: case Field::guest_ds_access_rights:
    case Field::guest_fs_access_rights: case Field::guest_gs_access_rights:
    case Field::guest_ldtr_access_rights: case Field::guest_tr_access_rights:
    case Field::guest_interruptibility: case Field::guest_activity:
    case Field::guest_sysenter_cs: case Field::preemption_timer_value:
    case Field::host_sysenter_cs: case Field::cr0_guest_host_mask:
    case Field::cr4_guest_host_mask: case Field::cr0_read_shadow: case Field::cr4_read_shadow:
    case Field::exit_qualification: case Field::guest_linear_address: case Field::guest_cr0:
    case Field::guest_cr3: case Field::guest_cr4: case Field::guest_es_base:
    case Field::guest_cs_base: case Field::guest_ss_base: case Field::guest_ds_base:
    case Field::guest_fs_base: case Field::guest_gs_base: case Field::guest_ldtr_base:
    case Field::guest_tr_base: case Field::guest_gdtr_base: case Field::guest_idtr_base:
    case Field::guest_dr7: case Field::guest_rsp: case Field::guest_rip:
    case Field::guest_rflags: case Field::guest_pending_debug: case Field::guest_sysenter_esp:
    case Field::guest_sysenter_eip: case Field::host_cr0: case Field::host_cr3:
    case Field::host_cr4: case Field::host_fs_base: case Field::host_gs_base:
    case Field::host_tr_base: case Field::host_gdtr_base: case Field::host_idtr_base:
    case Field::host_sysenter_esp: case Field::host_sysenter_eip: case Field::host_rsp:
    case Field::host_rip:
        return true;
    }
    // clang-format on
    return false;
}

u64 truncate(Field field, u64 value) {
    switch (rmv::width_of(field)) {
        case rmv::FieldWidth::word: return value & 0xffff;
        case rmv::FieldWidth::dword: return value & 0xffffffff;
        case rmv::FieldWidth::quad:
        case rmv::FieldWidth::natural: return value;
    }
    return value;
}

bool is_page(u64 address) { return (address & rmv::page_mask) == 0; }

}  // namespace

Vmx& vmx() { return the_vmx; }
void reset_vmx() { the_vmx = Vmx{}; }

bool Vmx::fails() {
    if (!on) {
        ADD_FAILURE() << "#UD: VMX instruction outside VMX operation";
        return true;
    }
    if (!fail_after_) return false;
    if (*fail_after_ != 0) {
        --*fail_after_;
        return false;
    }
    fail_after_.reset();
    return true;
}

// VMfailValid with a current VMCS, else VMfailInvalid.
bool Vmx::fail(VmError error) {
    if (current)
        regions.at(*current).fields[static_cast<u32>(Field::instruction_error)] =
            static_cast<u32>(error);
    return false;
}

bool Vmx::has_field(u64 encoding) const {
    const auto field = static_cast<u32>(encoding);
    return field == encoding && is_known(static_cast<Field>(field)) && !missing_.contains(field);
}

bool Vmx::vmxon(u64 region) {
    if (on) return fail(VmError::vmxon_in_root);
    if (fail_after_ && *fail_after_ == 0) {
        fail_after_.reset();
        return false;
    }
    if (!is_page(region)) return false;
    on = true;
    vmxon_region = region;
    return true;
}

bool Vmx::vmxoff() {
    if (!on) ADD_FAILURE() << "#UD: VMXOFF outside VMX operation";
    for (const auto& [region, data] : regions)
        if (region == current) ADD_FAILURE() << "VMXOFF with a current VMCS that was not cleared";
    if (dual_monitor) return fail(VmError::vmxoff_under_dual_monitor);
    on = false;
    current.reset();
    regions.clear();
    return true;
}

bool Vmx::vmclear(u64 region) {
    if (fails()) return false;
    if (!is_page(region)) return fail(VmError::vmclear_invalid_address);
    if (region == vmxon_region) return fail(VmError::vmclear_vmxon_pointer);
    regions[region].launched = false;
    if (current == region) current.reset();
    return true;
}

bool Vmx::vmptrld(u64 region) {
    if (fails()) return false;
    if (!is_page(region)) return fail(VmError::vmptrld_invalid_address);
    if (region == vmxon_region) return fail(VmError::vmptrld_vmxon_pointer);
    if (!regions.contains(region)) {
        ADD_FAILURE() << std::hex << "VMPTRLD of " << region << ", which was never cleared";
        return false;
    }
    current = region;
    return true;
}

bool Vmx::vmread(u64 encoding, u64& value) {
    if (fails() || !current) return false;
    if (!has_field(encoding)) return fail(VmError::unsupported_component);
    value = get(static_cast<Field>(encoding));
    return true;
}

bool Vmx::vmwrite(u64 encoding, u64 value) {
    if (fails() || !current) return false;
    if (!has_field(encoding)) return fail(VmError::unsupported_component);
    const auto field = static_cast<Field>(encoding);
    if (rmv::type_of(field) == rmv::FieldType::read_only) return fail(VmError::read_only_component);
    set(field, value);
    return true;
}

bool Vmx::invept(u64 type, u64 ept_pointer, u64 reserved) {
    if (fails()) return false;
    if ((type != 1 && type != 2) || reserved != 0) return fail(VmError::invalid_operand);
    invepts.push_back({type, ept_pointer});
    return true;
}

bool Vmx::invvpid(u64 type, u64 vpid, u64 linear_address) {
    if (fails()) return false;
    if (type > 3 || vpid > 0xffff || (type != 2 && vpid == 0) || (type != 0 && linear_address != 0))
        return fail(VmError::invalid_operand);
    invvpids.push_back({type, vpid});
    return true;
}

bool Vmx::enter(bool resume) {
    if (fails() || !current) return false;
    VmcsData& data = regions.at(*current);
    if (data.launched != resume)
        return fail(resume ? VmError::vmresume_not_launched : VmError::vmlaunch_not_clear);
    data.launched = true;
    set(Field::entry_interruption_info, get(Field::entry_interruption_info) & 0x7fffffff);
    return true;
}

u64 Vmx::get(Field field) const {
    if (!current) {
        ADD_FAILURE() << "no VMCS is current";
        return 0;
    }
    const auto& fields = regions.at(*current).fields;
    const auto found = fields.find(static_cast<u32>(field));
    return found == fields.end() ? truncate(field, garbage) : found->second;
}

void Vmx::set(Field field, u64 value) {
    if (!current) {
        ADD_FAILURE() << "no VMCS is current";
        return;
    }
    regions.at(*current).fields[static_cast<u32>(field)] = truncate(field, value);
}

bool Vmx::is_written(Field field) const {
    return current && regions.at(*current).fields.contains(static_cast<u32>(field));
}

}  // namespace fake
