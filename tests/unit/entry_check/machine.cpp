// SPDX-License-Identifier: GPL-2.0-only
#include "machine.hpp"

#include <gtest/gtest.h>

#include "../fake/vmx.hpp"
#include "vmx/ept_vpid_cap.hpp"
#include "x86/control_registers.hpp"

namespace test {
namespace {

using rmv::bit;
using rmv::EntryControl;
using rmv::EptVpidCap;
using rmv::ExitControl;
using rmv::join;
using rmv::mask;
using rmv::Pin;
using rmv::Primary;
using rmv::Secondary;

struct FieldValue {
    Field field;
    u64 value;
};

// Must-be-1 halves are those of every CPU with TRUE capability MSRs.
constexpr u32 pin_default = 0x16;
constexpr u32 primary_default = 0x04006172;
constexpr u32 exit_default = 0x00036dfb;
constexpr u32 entry_default = 0x000011fb;

constexpr u64 exit_controls =
    exit_default | mask(ExitControl::save_debug_controls, ExitControl::host_address_space_size,
                        ExitControl::save_pat, ExitControl::load_pat, ExitControl::save_efer,
                        ExitControl::load_efer);
constexpr u64 entry_controls =
    entry_default |
    mask(EntryControl::load_debug_controls, EntryControl::load_pat, EntryControl::load_efer);

constexpr FieldValue common[] = {
    {Field::exit_controls, exit_controls},
    {Field::vpid, 1},
    {Field::msr_bitmap, 0x7000},
    {Field::ept_pointer, 0x1234501e},
    {Field::vmcs_link_pointer, ~u64{0}},
    {Field::cr3_target_count, 0},
    {Field::exit_msr_store_count, 0},
    {Field::exit_msr_load_count, 0},
    {Field::entry_msr_load_count, 0},
    {Field::entry_interruption_info, 0},
    {Field::host_cr0, 0x80010033},
    {Field::host_cr3, 0x5000},
    {Field::host_cr4, 0x426e0 & ~u64{0x40000}},
    {Field::host_pat, 0x0007040600070406},
    {Field::host_efer, 0xd00},
    {Field::host_sysenter_esp, 0},
    {Field::host_sysenter_eip, 0},
    {Field::host_cs_selector, 0x08},
    {Field::host_ss_selector, 0x10},
    {Field::host_ds_selector, 0},
    {Field::host_es_selector, 0},
    {Field::host_fs_selector, 0},
    {Field::host_gs_selector, 0},
    {Field::host_tr_selector, 0x18},
    {Field::host_fs_base, 0},
    {Field::host_gs_base, 0xffff888012340000},
    {Field::host_tr_base, 0xffff888012341000},
    {Field::host_gdtr_base, 0xffff888012342000},
    {Field::host_idtr_base, 0xffff888012343000},
    {Field::host_rip, 0xffffffffc0001000},
    {Field::guest_activity, 0},
    {Field::guest_interruptibility, 0},
    {Field::guest_pending_debug, 0},
    {Field::guest_debugctl, 0},
    {Field::guest_dr7, 0x400},
    {Field::guest_pat, 0x0007040600070406},
};

constexpr FieldValue linux_values[] = {
    {Field::pin_based_controls, pin_default},
    {Field::primary_processor_controls,
     primary_default | mask(Primary::msr_bitmaps, Primary::secondary_controls)},
    {Field::secondary_processor_controls,
     mask(Secondary::ept, Secondary::vpid, Secondary::rdtscp, Secondary::invpcid)},
    {Field::entry_controls, entry_controls | mask(EntryControl::ia32e_mode_guest)},
    {Field::guest_cr0, 0x80050033},
    {Field::guest_cr3, 0x1234000},
    {Field::guest_cr4, 0x1726e0},
    {Field::guest_efer, 0xd01},
    {Field::guest_sysenter_esp, 0xfffffe0000003000},
    {Field::guest_sysenter_eip, 0xffffffff81800000},
    {Field::guest_rip, 0xffffffffc0000123},
    {Field::guest_rflags, 0x02},
    {Field::guest_cs_selector, 0x10},
    {Field::guest_cs_base, 0},
    {Field::guest_cs_limit, 0xffffffff},
    {Field::guest_cs_access_rights, 0xa09b},
    {Field::guest_ss_selector, 0x18},
    {Field::guest_ss_base, 0},
    {Field::guest_ss_limit, 0xffffffff},
    {Field::guest_ss_access_rights, 0xc093},
    {Field::guest_ds_selector, 0},
    {Field::guest_ds_base, 0},
    {Field::guest_ds_limit, 0},
    {Field::guest_ds_access_rights, 0x10000},
    {Field::guest_es_selector, 0},
    {Field::guest_es_base, 0},
    {Field::guest_es_limit, 0},
    {Field::guest_es_access_rights, 0x10000},
    {Field::guest_fs_selector, 0},
    {Field::guest_fs_base, 0x00007f1234567740},
    {Field::guest_fs_limit, 0},
    {Field::guest_fs_access_rights, 0x10000},
    {Field::guest_gs_selector, 0},
    {Field::guest_gs_base, 0xffff88823bc00000},
    {Field::guest_gs_limit, 0},
    {Field::guest_gs_access_rights, 0x10000},
    {Field::guest_ldtr_selector, 0},
    {Field::guest_ldtr_base, 0},
    {Field::guest_ldtr_limit, 0},
    {Field::guest_ldtr_access_rights, 0x10000},
    {Field::guest_tr_selector, 0x40},
    {Field::guest_tr_base, 0xfffffe0000003000},
    {Field::guest_tr_limit, 0x4087},
    {Field::guest_tr_access_rights, 0x8b},
    {Field::guest_gdtr_base, 0xfffffe0000001000},
    {Field::guest_gdtr_limit, 0x7f},
    {Field::guest_idtr_base, 0xfffffe0000000000},
    {Field::guest_idtr_limit, 0xfff},
};

constexpr FieldValue legacy_values[] = {
    {Field::pin_based_controls,
     pin_default | mask(Pin::external_interrupt_exiting, Pin::nmi_exiting, Pin::virtual_nmis)},
    {Field::primary_processor_controls,
     primary_default | mask(Primary::hlt_exiting, Primary::unconditional_io_exiting,
                            Primary::msr_bitmaps, Primary::secondary_controls)},
    {Field::secondary_processor_controls, mask(Secondary::ept, Secondary::vpid)},
    {Field::entry_controls, entry_controls},
    {Field::guest_cr3, 0},
    {Field::guest_cr4, 0x2000},
    {Field::guest_efer, 0},
    {Field::guest_sysenter_esp, 0},
    {Field::guest_sysenter_eip, 0},
    {Field::guest_rip, 0xfff0},
    {Field::guest_ldtr_selector, 0},
    {Field::guest_ldtr_base, 0},
    {Field::guest_ldtr_limit, 0xffff},
    {Field::guest_ldtr_access_rights, 0x82},
    {Field::guest_tr_selector, 0},
    {Field::guest_tr_base, 0},
    {Field::guest_tr_limit, 0xffff},
    {Field::guest_tr_access_rights, 0x8b},
    {Field::guest_gdtr_base, 0},
    {Field::guest_gdtr_limit, 0xffff},
    {Field::guest_idtr_base, 0},
    {Field::guest_idtr_limit, 0xffff},
};

template <std::size_t count>
void write(Machine& machine, const FieldValue (&values)[count]) {
    for (const FieldValue& one : values) machine.set(one.field, one.value);
}

void code_and_data_segments(Machine& machine, u64 selector, u64 base, u64 rights) {
    // ES, CS, SS, DS, FS, GS: encodings in steps of two.
    for (u32 i = 0; i < 12; i += 2) {
        const auto at = [i](Field first) {
            return static_cast<Field>(static_cast<u32>(first) + i);
        };
        machine.set(at(Field::guest_es_selector), selector);
        machine.set(at(Field::guest_es_base), base);
        machine.set(at(Field::guest_es_limit), 0xffff);
        machine.set(at(Field::guest_es_access_rights), rights);
    }
}

}  // namespace

Machine::Machine() {
    fake::reset_vmx();
    constexpr u64 vmxon_region = 0x1000, vmcs_region = 0x2000;
    EXPECT_TRUE(fake::vmx().vmxon(vmxon_region));
    EXPECT_TRUE(fake::vmx().vmclear(vmcs_region));
    EXPECT_TRUE(fake::vmx().vmptrld(vmcs_region));

    facts.vmx_basic = 0x12 | (u64{6} << 50) | bit(55);
    facts.pin_controls = join(0xff, pin_default);
    facts.primary_controls = join(0xfff9fffe, primary_default);
    facts.secondary_controls = join(0x0fffffff, 0);
    facts.exit_controls = join(0x1fffffff, exit_default);
    facts.entry_controls = join(0x00ffffff, entry_default);
    facts.ept_vpid_cap =
        mask(EptVpidCap::page_walk_4, EptVpidCap::paging_structures_uc,
             EptVpidCap::paging_structures_wb, EptVpidCap::page_2m, EptVpidCap::invept);
    facts.vmx_misc = 0x000401c5;  // four CR3 targets, all activity states
    facts.cr0_fixed0 = 0x80000021;
    facts.cr0_fixed1 = 0xffffffff;
    facts.cr4_fixed0 = 0x2000;
    facts.cr4_fixed1 = 0xb727ff;
    facts.has_vmx = 1;
    facts.physical_bits = physical_bits;
}

u64 Machine::get(Field field) const { return fake::vmx().get(field); }
void Machine::set(Field field, u64 value) { fake::vmx().set(field, value); }

void linux_guest(Machine& machine) {
    write(machine, common);
    write(machine, linux_values);
}

void real_mode_guest(Machine& machine) {
    write(machine, common);
    write(machine, legacy_values);
    machine.add(Secondary::unrestricted_guest);
    machine.set(Field::guest_cr0, 0x60000030);
    machine.set(Field::guest_rflags, 0x02);
    code_and_data_segments(machine, 0, 0, 0x93);
    machine.set(Field::guest_cs_selector, 0xf000);
    machine.set(Field::guest_cs_base, 0xffff0000);
}

void v8086_guest(Machine& machine) {
    write(machine, common);
    write(machine, legacy_values);
    machine.set(Field::guest_cr0, 0x80000031);
    machine.set(Field::guest_rflags, 0x20002);
    code_and_data_segments(machine, 0x1234, 0x12340, 0xf3);
}

}  // namespace test
