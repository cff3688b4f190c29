// SPDX-License-Identifier: GPL-2.0-only
// SDM volume 3, "VM-Execution Control Fields" of the checks on VMX controls.
#include "vmx/entry_check/rule.hpp"
#include "vmx/ept_vpid_cap.hpp"
#include "x86/memory_type.hpp"

namespace rmv {
namespace {

bool pin_based_controls_allowed(const EntryState& state) noexcept {
    return allows_controls(state.cpu().pin_controls, state.read(Field::pin_based_controls));
}

bool primary_controls_allowed(const EntryState& state) noexcept {
    return allows_controls(state.cpu().primary_controls,
                           state.read(Field::primary_processor_controls));
}

bool secondary_controls_allowed(const EntryState& state) noexcept {
    return !state.is_set(Primary::secondary_controls) ||
           allows_controls(state.cpu().secondary_controls,
                           state.read(Field::secondary_processor_controls));
}

bool cr3_target_count_allowed(const EntryState& state) noexcept {
    return state.read(Field::cr3_target_count) <= bits(state.cpu().vmx_misc, 24, 16);
}

bool io_bitmap_a_address(const EntryState& state) noexcept {
    return !state.is_set(Primary::io_bitmaps) || state.is_vmx_page(Field::io_bitmap_a);
}

bool io_bitmap_b_address(const EntryState& state) noexcept {
    return !state.is_set(Primary::io_bitmaps) || state.is_vmx_page(Field::io_bitmap_b);
}

bool msr_bitmap_address(const EntryState& state) noexcept {
    return !state.is_set(Primary::msr_bitmaps) || state.is_vmx_page(Field::msr_bitmap);
}

bool virtual_apic_address(const EntryState& state) noexcept {
    return !state.is_set(Primary::tpr_shadow) || state.is_vmx_page(Field::virtual_apic_address);
}

bool tpr_threshold_reserved(const EntryState& state) noexcept {
    return !state.is_set(Primary::tpr_shadow) ||
           state.is_set(Secondary::virtual_interrupt_delivery) ||
           bits(state.read(Field::tpr_threshold), 31, 4) == 0;
}

bool virtual_nmis_need_nmi_exiting(const EntryState& state) noexcept {
    return state.is_set(Pin::nmi_exiting) || !state.is_set(Pin::virtual_nmis);
}

bool nmi_window_needs_virtual_nmis(const EntryState& state) noexcept {
    return state.is_set(Pin::virtual_nmis) || !state.is_set(Primary::nmi_window_exiting);
}

bool apic_access_address(const EntryState& state) noexcept {
    return !state.is_set(Secondary::virtualize_apic_accesses) ||
           state.is_vmx_page(Field::apic_access_address);
}

bool apic_virtualization_needs_tpr_shadow(const EntryState& state) noexcept {
    return state.is_set(Primary::tpr_shadow) ||
           (!state.is_set(Secondary::virtualize_x2apic) &&
            !state.is_set(Secondary::apic_register_virtualization) &&
            !state.is_set(Secondary::virtual_interrupt_delivery));
}

bool x2apic_excludes_apic_accesses(const EntryState& state) noexcept {
    return !state.is_set(Secondary::virtualize_x2apic) ||
           !state.is_set(Secondary::virtualize_apic_accesses);
}

bool interrupt_delivery_needs_interrupt_exiting(const EntryState& state) noexcept {
    return !state.is_set(Secondary::virtual_interrupt_delivery) ||
           state.is_set(Pin::external_interrupt_exiting);
}

bool posted_interrupts_need_interrupt_delivery(const EntryState& state) noexcept {
    return !state.is_set(Pin::posted_interrupts) ||
           state.is_set(Secondary::virtual_interrupt_delivery);
}

bool posted_interrupts_need_acknowledge(const EntryState& state) noexcept {
    return !state.is_set(Pin::posted_interrupts) ||
           state.is_set(ExitControl::acknowledge_interrupt);
}

bool vpid_not_zero(const EntryState& state) noexcept {
    return !state.is_set(Secondary::vpid) || state.read(Field::vpid) != 0;
}

bool ept_memory_type_supported(const EntryState& state) noexcept {
    if (!state.is_set(Secondary::ept)) return true;
    const u64 cap = state.cpu().ept_vpid_cap;
    switch (static_cast<MemoryType>(bits(state.read(Field::ept_pointer), 2, 0))) {
        case MemoryType::uncacheable: return has(cap, EptVpidCap::paging_structures_uc);
        case MemoryType::write_back: return has(cap, EptVpidCap::paging_structures_wb);
        case MemoryType::write_combining:
        case MemoryType::write_through:
        case MemoryType::write_protected: return false;
    }
    return false;
}

// Bits 5:3 hold the number of levels less one.
bool ept_walk_length_supported(const EntryState& state) noexcept {
    if (!state.is_set(Secondary::ept)) return true;
    const u64 cap = state.cpu().ept_vpid_cap;
    const u64 levels = bits(state.read(Field::ept_pointer), 5, 3) + 1;
    return (levels == 4 && has(cap, EptVpidCap::page_walk_4)) ||
           (levels == 5 && has(cap, EptVpidCap::page_walk_5));
}

bool ept_accessed_dirty_supported(const EntryState& state) noexcept {
    constexpr u64 accessed_dirty = bit(6);
    return !state.is_set(Secondary::ept) ||
           (state.read(Field::ept_pointer) & accessed_dirty) == 0 ||
           has(state.cpu().ept_vpid_cap, EptVpidCap::accessed_dirty);
}

bool ept_shadow_stack_supported(const EntryState& state) noexcept {
    constexpr u64 shadow_stack = bit(7);
    return !state.is_set(Secondary::ept) || (state.read(Field::ept_pointer) & shadow_stack) == 0 ||
           has(state.cpu().ept_vpid_cap, EptVpidCap::supervisor_shadow_stack);
}

bool ept_pointer_reserved(const EntryState& state) noexcept {
    const u64 pointer = state.read(Field::ept_pointer);
    return !state.is_set(Secondary::ept) ||
           (bits(pointer, 11, 8) == 0 && state.is_physical(pointer));
}

bool pml_needs_ept(const EntryState& state) noexcept {
    return !state.is_set(Secondary::pml) || state.is_set(Secondary::ept);
}

bool unrestricted_guest_needs_ept(const EntryState& state) noexcept {
    return !state.is_unrestricted() || state.is_set(Secondary::ept);
}

bool mode_based_execute_needs_ept(const EntryState& state) noexcept {
    return !state.is_set(Secondary::mode_based_execute) || state.is_set(Secondary::ept);
}

constexpr EntryRule rules[] = {
    {"pin-based controls: the CPU allows each bit's value (IA32_VMX_TRUE_PINBASED_CTLS)",
     pin_based_controls_allowed},
    {"primary processor-based controls: the CPU allows each bit's value "
     "(IA32_VMX_TRUE_PROCBASED_CTLS)",
     primary_controls_allowed},
    {"secondary processor-based controls: the CPU allows each bit's value "
     "(IA32_VMX_PROCBASED_CTLS2)",
     secondary_controls_allowed},
    {"CR3-target count is not above the CPU's limit (IA32_VMX_MISC[24:16])",
     cr3_target_count_allowed},
    {"use I/O bitmaps: the address of bitmap A is a page and within the physical-address width",
     io_bitmap_a_address},
    {"use I/O bitmaps: the address of bitmap B is a page and within the physical-address width",
     io_bitmap_b_address},
    {"use MSR bitmaps: the bitmap's address is a page and within the physical-address width",
     msr_bitmap_address},
    {"use TPR shadow: the virtual-APIC address is a page and within the physical-address width",
     virtual_apic_address},
    {"use TPR shadow without virtual-interrupt delivery: bits 31:4 of the TPR threshold are 0",
     tpr_threshold_reserved},
    {"virtual NMIs need NMI exiting", virtual_nmis_need_nmi_exiting},
    {"NMI-window exiting needs virtual NMIs", nmi_window_needs_virtual_nmis},
    {"virtualize APIC accesses: the APIC-access address is a page and within the physical-address "
     "width",
     apic_access_address},
    {"virtualize x2APIC mode, APIC-register virtualization and virtual-interrupt delivery need use "
     "TPR shadow",
     apic_virtualization_needs_tpr_shadow},
    {"virtualize x2APIC mode and virtualize APIC accesses exclude each other",
     x2apic_excludes_apic_accesses},
    {"virtual-interrupt delivery needs external-interrupt exiting",
     interrupt_delivery_needs_interrupt_exiting},
    {"process posted interrupts needs virtual-interrupt delivery",
     posted_interrupts_need_interrupt_delivery},
    {"process posted interrupts needs acknowledge interrupt on exit",
     posted_interrupts_need_acknowledge},
    {"enable VPID: VPID is not 0", vpid_not_zero},
    {"EPT pointer: the CPU supports the memory type (bits 2:0)", ept_memory_type_supported},
    {"EPT pointer: the CPU supports the page-walk length (bits 5:3)", ept_walk_length_supported},
    {"EPT pointer: the CPU supports accessed and dirty flags, or bit 6 is 0",
     ept_accessed_dirty_supported},
    {"EPT pointer: the CPU supports supervisor shadow-stack control, or bit 7 is 0",
     ept_shadow_stack_supported},
    {"EPT pointer: bits 11:8 and those above the physical-address width are 0",
     ept_pointer_reserved},
    {"enable PML needs enable EPT", pml_needs_ept},
    {"unrestricted guest needs enable EPT", unrestricted_guest_needs_ept},
    {"mode-based execute control needs enable EPT", mode_based_execute_needs_ept},
};

}  // namespace

constinit const std::span<const EntryRule> execution_control_rules{rules};

u32 broken_execution_control_rule(const EntryState& state) noexcept {
    return first_broken<rules>(state);
}

}  // namespace rmv
