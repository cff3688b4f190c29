// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/linux_state.hpp"

#include "vmx/facts.hpp"
#include "vmx/globals.hpp"
#include "x86/control_registers.hpp"
#include "x86/insn.hpp"

namespace rmv {

namespace {

struct SegmentFields {
    Field selector, limit, access_rights;
};

// In the order of capture_segments(). FS and GS have their bases in MSRs; those of the others are 0
// in 64-bit mode.
constexpr SegmentFields segments[] = {
    {Field::guest_es_selector, Field::guest_es_limit, Field::guest_es_access_rights},
    {Field::guest_cs_selector, Field::guest_cs_limit, Field::guest_cs_access_rights},
    {Field::guest_ss_selector, Field::guest_ss_limit, Field::guest_ss_access_rights},
    {Field::guest_ds_selector, Field::guest_ds_limit, Field::guest_ds_access_rights},
    {Field::guest_fs_selector, Field::guest_fs_limit, Field::guest_fs_access_rights},
    {Field::guest_gs_selector, Field::guest_gs_limit, Field::guest_gs_access_rights},
    {Field::guest_ldtr_selector, Field::guest_ldtr_limit, Field::guest_ldtr_access_rights},
    {Field::guest_tr_selector, Field::guest_tr_limit, Field::guest_tr_access_rights},
};

constexpr Field zero_bases[] = {Field::guest_es_base, Field::guest_cs_base, Field::guest_ss_base,
                                Field::guest_ds_base};

struct MsrField {
    Msr msr;
    Field field;
};

constexpr MsrField msr_fields[] = {
    {Msr::debugctl, Field::guest_debugctl},
    {Msr::pat, Field::guest_pat},
    {Msr::efer, Field::guest_efer},
    {Msr::sysenter_cs, Field::guest_sysenter_cs},
    {Msr::sysenter_esp, Field::guest_sysenter_esp},
    {Msr::sysenter_eip, Field::guest_sysenter_eip},
    {Msr::fs_base, Field::guest_fs_base},
    {Msr::gs_base, Field::guest_gs_base},
};

// Fields that must not keep what an earlier use of the VMCS page left in them.
// clang-format off
constexpr Field zeroed[] = {
    Field::exception_bitmap, Field::page_fault_error_code_mask,
    Field::page_fault_error_code_match, Field::cr3_target_count, Field::exit_msr_store_count,
    Field::exit_msr_load_count, Field::entry_msr_load_count, Field::entry_interruption_info,
    Field::tsc_offset, Field::guest_interruptibility, Field::guest_activity,
    Field::guest_pending_debug, Field::cr0_guest_host_mask,
};
// clang-format on

// A selector that names no readable descriptor is a null one: unusable.
u32 access_rights_of(u16 selector) noexcept {
    u32 rights = 0;
    if (is_null(selector) || !insn::lar(selector, rights))
        return static_cast<u32>(AccessRights::unusable);
    return (rights >> lar_shift) & lar_mask;
}

u64 system_segment_base(const insn::TableRegister& gdt, u16 selector) noexcept {
    if (is_null(selector)) return 0;
    const u64 address = gdt.base + (selector & ~u64{selector_rpl_ti_mask});
    return reinterpret_cast<const SystemDescriptor*>(address)->base();
}

void capture_segments(Vmcs& vmcs) noexcept {
    const u16 selectors[] = {insn::read_es(), insn::read_cs(), insn::read_ss(), insn::read_ds(),
                             insn::read_fs(), insn::read_gs(), insn::sldt(),    insn::str()};
    static_assert(sizeof(selectors) / sizeof(u16) == sizeof(segments) / sizeof(SegmentFields));
    const u16* selector = selectors;
    for (const SegmentFields& segment : segments) {
        vmcs.write_raw(segment.selector, *selector);
        vmcs.write_raw(segment.limit, is_null(*selector) ? 0 : insn::lsl(*selector));
        vmcs.write_raw(segment.access_rights, access_rights_of(*selector));
        ++selector;
    }
    for (const Field base : zero_bases) vmcs.write_raw(base, 0);
}

void capture_tables(Vmcs& vmcs) noexcept {
    const insn::TableRegister gdt = insn::sgdt();
    const insn::TableRegister idt = insn::sidt();
    vmcs.write<Field::guest_gdtr_base>(u64{gdt.base});
    vmcs.write<Field::guest_gdtr_limit>(u32{gdt.limit});
    vmcs.write<Field::guest_idtr_base>(u64{idt.base});
    vmcs.write<Field::guest_idtr_limit>(u32{idt.limit});
    vmcs.write<Field::guest_tr_base>(system_segment_base(gdt, insn::str()));
    vmcs.write<Field::guest_ldtr_base>(system_segment_base(gdt, insn::sldt()));
}

// CR4.VMXE is ours: the guest sees it clear, as it was before (SDM: Guest/Host Masks and Read
// Shadows for CR0 and CR4).
void capture_control_registers(Vmcs& vmcs) noexcept {
    const u64 cr4 = insn::read_cr4();
    vmcs.write<Field::guest_cr0>(insn::read_cr0());
    vmcs.write<Field::cr0_read_shadow>(insn::read_cr0());
    vmcs.write<Field::guest_cr3>(insn::read_cr3() & ~cr3_no_flush);
    vmcs.write<Field::guest_cr4>(cr4 | mask(Cr4::vmxe));
    vmcs.write<Field::cr4_guest_host_mask>(mask(Cr4::vmxe));
    vmcs.write<Field::cr4_read_shadow>(cr4 & ~mask(Cr4::vmxe));
    vmcs.write<Field::guest_dr7>(insn::read_dr7());
    vmcs.write<Field::guest_rflags>(insn::read_rflags());
}

Status write_control(Vmcs& vmcs, Field field, u64 capability, const ControlNeeds& needs, Msr msr,
                     u64 cleared = 0) noexcept {
    const Result<u32> word = control_word(capability, needs, static_cast<u32>(msr));
    if (!word.ok()) return word.status();
    vmcs.write_raw(field, word.value() & ~cleared);
    return success;
}

Status write_control_words(Vmcs& vmcs) noexcept {
    const visor_cpu_facts& facts = globals.facts;
    RMV_TRY(write_control(vmcs, Field::pin_based_controls, facts.pin_controls, linux_controls.pin,
                          Msr::vmx_true_pinbased_ctls));
    RMV_TRY(write_control(vmcs, Field::primary_processor_controls, facts.primary_controls,
                          linux_controls.primary, Msr::vmx_true_procbased_ctls,
                          linux_primary_cleared));
    RMV_TRY(write_control(vmcs, Field::secondary_processor_controls, facts.secondary_controls,
                          linux_controls.secondary, Msr::vmx_procbased_ctls2));
    RMV_TRY(write_control(vmcs, Field::exit_controls, facts.exit_controls, linux_controls.exit,
                          Msr::vmx_true_exit_ctls));
    return write_control(vmcs, Field::entry_controls, facts.entry_controls, linux_controls.entry,
                         Msr::vmx_true_entry_ctls);
}

}  // namespace

Status write_linux_controls(Vmcs& vmcs, const Cpu& cpu) noexcept {
    RMV_TRY(write_control_words(vmcs));
    for (const Field field : zeroed) vmcs.write_raw(field, 0);
    const u32 secondary = vmcs.read<Field::secondary_processor_controls>();
    if (has(secondary, Secondary::xsaves)) vmcs.write<Field::xss_exiting_bitmap>(u64{0});
    if (has(secondary, Secondary::pconfig)) vmcs.write<Field::pconfig_exiting_bitmap>(u64{0});
    vmcs.write<Field::msr_bitmap>(u64{globals.linux_msr_bitmap_phys});
    vmcs.write<Field::ept_pointer>(u64{globals.linux_ept_pointer});
    vmcs.write<Field::vmcs_link_pointer>(u64{vmcs_link_none});
    // VPID 0 is root's own (SDM: Virtual-Processor Identifiers).
    vmcs.write<Field::vpid>(static_cast<u16>(cpu.number + 1));
    return vmcs.status();
}

void capture_linux_state(Vmcs& vmcs) noexcept {
    capture_segments(vmcs);
    capture_tables(vmcs);
    capture_control_registers(vmcs);
    for (const MsrField& one : msr_fields) vmcs.write_raw(one.field, insn::rdmsr(one.msr));
}

}  // namespace rmv
