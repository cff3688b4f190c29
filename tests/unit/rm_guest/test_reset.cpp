// SPDX-License-Identifier: GPL-2.0-only
#include <set>

#include "rm_guest/controls.hpp"
#include "rm_guest/guest.hpp"
#include "rm_guest/translations.hpp"
#include "vmx/controls.hpp"
#include "vmx/entry_check/entry_check.hpp"

namespace rmv {
namespace {

// What VM entry with these controls takes from the VMCS.
// clang-format off
constexpr Field used_by_entry[] = {
    Field::vpid, Field::ept_pointer, Field::msr_bitmap, Field::vmcs_link_pointer,
    Field::pin_based_controls, Field::primary_processor_controls,
    Field::secondary_processor_controls, Field::exit_controls, Field::entry_controls,
    Field::exception_bitmap, Field::page_fault_error_code_mask,
    Field::page_fault_error_code_match, Field::cr3_target_count, Field::exit_msr_store_count,
    Field::exit_msr_load_count, Field::entry_msr_load_count, Field::entry_interruption_info,
    Field::cr0_guest_host_mask, Field::cr4_guest_host_mask, Field::cr0_read_shadow,
    Field::cr4_read_shadow, Field::guest_cr0, Field::guest_cr3, Field::guest_cr4,
    Field::guest_dr7, Field::guest_rsp, Field::guest_rip, Field::guest_rflags,
    Field::guest_pending_debug, Field::guest_activity, Field::guest_interruptibility,
    Field::guest_debugctl, Field::guest_pat, Field::guest_efer, Field::guest_sysenter_cs,
    Field::guest_sysenter_esp, Field::guest_sysenter_eip, Field::guest_gdtr_base,
    Field::guest_gdtr_limit, Field::guest_idtr_base, Field::guest_idtr_limit,
    Field::host_cr0, Field::host_cr3, Field::host_cr4, Field::host_pat, Field::host_efer,
    Field::host_cs_selector, Field::host_ss_selector, Field::host_ds_selector,
    Field::host_es_selector, Field::host_fs_selector, Field::host_gs_selector,
    Field::host_tr_selector, Field::host_fs_base, Field::host_gs_base, Field::host_tr_base,
    Field::host_gdtr_base, Field::host_idtr_base, Field::host_sysenter_cs,
    Field::host_sysenter_esp, Field::host_sysenter_eip, Field::host_rsp, Field::host_rip,
};
// clang-format on

TEST_F(Guest, ResetLeavesNoGarbageForTheEntry) {
    reset();
    for (const Field f : used_by_entry)
        EXPECT_TRUE(fake::vmx().is_written(f)) << std::hex << static_cast<u32>(f);
    for (u32 f = static_cast<u32>(Field::guest_es_selector);
         f <= static_cast<u32>(Field::guest_tr_selector); f += 2)
        EXPECT_TRUE(fake::vmx().is_written(Field{f})) << std::hex << f;
}

TEST_F(Guest, ResetStateCanBeEntered) {
    globals.root_cr3 = 0x30000;
    reset();
    Vmcs vmcs;
    EXPECT_EQ(find_broken_rule(globals.facts, vmcs), no_broken_rule)
        << visor_entry_rule_text(find_broken_rule(globals.facts, vmcs));
}

// SDM: IA-32 and Intel 64 Processor States Following Power-up, Reset, or INIT.
TEST_F(Guest, ResetStateIsTheArchitectures) {
    reset();
    command(VISOR_COMMAND_GET_STATE);
    ASSERT_EQ(status(), VISOR_OK);
    const visor_vcpu_state& s = cpu.shared.group_data.regs;
    EXPECT_EQ(s.rip, 0xfff0u);
    EXPECT_EQ(s.rflags, 2u);
    EXPECT_EQ(s.cr0, 0x60000010u);
    EXPECT_EQ(s.cr2 | s.cr3 | s.cr4 | s.cr8 | s.efer, 0u);
    EXPECT_EQ(s.dr7, 0x400u);
    EXPECT_EQ(s.apic_base, 0xfee00900u);
    EXPECT_EQ(s.gprs.rdx, 0x306c3u);
    EXPECT_EQ(s.gprs.rax | s.gprs.rbx | s.gprs.rcx | s.gprs.rsp, 0u);
    EXPECT_EQ(s.cs.selector, 0xf000u);
    EXPECT_EQ(s.cs.base, 0xffff0000u);
    EXPECT_EQ(s.cs.access_rights, 0x93u);
    for (const rmv_segment* data : {&s.ds, &s.es, &s.fs, &s.gs, &s.ss}) {
        EXPECT_EQ(data->selector | data->base, 0u);
        EXPECT_EQ(data->limit, 0xffffu);
        EXPECT_EQ(data->access_rights, 0x93u);
    }
    EXPECT_EQ(s.tr.access_rights, 0x8bu);
    EXPECT_EQ(s.ldt.access_rights, 0x82u);
    EXPECT_EQ(s.gdt.limit, 0xffffu);
    EXPECT_EQ(s.idt.limit, 0xffffu);
    EXPECT_EQ(field(Field::guest_pat), pat_reset);
    for (const Field pdpte :
         {Field::guest_pdpte0, Field::guest_pdpte1, Field::guest_pdpte2, Field::guest_pdpte3})
        EXPECT_EQ(field(pdpte), 0u);
}

TEST_F(Guest, ResetPutsWhatVmxNeedsBehindTheMasks) {
    reset();
    EXPECT_EQ(field(Field::guest_cr0), mask(Cr0::ne, Cr0::et));  // no CD, no NW
    EXPECT_EQ(field(Field::guest_cr4), mask(Cr4::vmxe, Cr4::mce));
    EXPECT_EQ(field(Field::cr0_guest_host_mask) & mask(Cr0::pe, Cr0::pg, Cr0::cd, Cr0::nw),
              mask(Cr0::pe, Cr0::pg, Cr0::cd, Cr0::nw));
    EXPECT_TRUE(has(field(Field::cr4_guest_host_mask), Cr4::vmxe));
    EXPECT_EQ(field(Field::msr_bitmap), globals.rm_msr_bitmap_phys);
    EXPECT_EQ(field(Field::ept_pointer), test_ept_pointer);
    EXPECT_EQ(field(Field::vmcs_link_pointer), ~u64{0});
}

TEST_F(Guest, ResetLeavesNothingOfLinuxInSharedRegisters) {
    fake::cpu().fpu.fcw = 0x37f;
    fake::cpu().fpu.xmm[15][3] = 0xaa;
    reset();
    const fake::Cpu& now = fake::cpu();
    EXPECT_EQ(now.dr[0] | now.dr[1] | now.dr[2] | now.dr[3], 0u);
    EXPECT_EQ(now.dr6, 0xffff0ff0u);
    EXPECT_EQ(now.fpu.fcw, 0x40);
    EXPECT_EQ(now.fpu.fsw, 0);
    EXPECT_EQ(now.fpu.ftw, 0xff);
    EXPECT_EQ(now.fpu.mxcsr, 0x1f80u);
    for (const auto& registers : now.fpu.xmm)
        for (const u8 byte : registers) EXPECT_EQ(byte, 0);
}

TEST_F(Guest, ResetFlushesItsVpidAndEpt) {
    reset();
    const u64 vpid = field(Field::vpid);
    EXPECT_EQ(vpid, 0x8000u | (test_cpu_number + 1));
    EXPECT_EQ(fake::vmx().invvpids, (std::vector<fake::Flush>{{1, vpid}}));
    EXPECT_EQ(fake::vmx().invepts, (std::vector<fake::Flush>{{1, test_ept_pointer}}));
}

TEST_F(Guest, FlushesEverythingWhereSingleContextIsMissing) {
    globals.facts.ept_vpid_cap = bit(20) | bit(26) | bit(32) | bit(42);
    reset();
    EXPECT_EQ(fake::vmx().invvpids.at(0).type, 2u);
    EXPECT_EQ(fake::vmx().invepts.at(0).type, 2u);
}

TEST_F(Guest, EachCpuHasAVpidOfItsOwn) {
    std::set<u64> vpids;
    for (cpu.number = 1; cpu.number < 20; ++cpu.number) {
        reset();
        vpids.insert(field(Field::vpid));
    }
    EXPECT_EQ(vpids.size(), 19u);
    cpu.number = test_cpu_number;
}

TEST_F(Guest, VpidIsNeverZero) {
    EXPECT_EQ(guest_vpid(0), 0x8001u);
    EXPECT_EQ(guest_vpid(0x7fff), 0x8000u);
    EXPECT_EQ(guest_vpid(0xffffffff), 0x8000u);
}

TEST_F(Guest, ResetWritesWhatTheGuestHadChanged) {
    constexpr Field zero[] = {
        Field::guest_es_base,       Field::guest_ss_base,     Field::guest_ds_base,
        Field::guest_fs_base,       Field::guest_gs_base,     Field::guest_ldtr_base,
        Field::guest_tr_base,       Field::guest_gdtr_base,   Field::guest_idtr_base,
        Field::guest_ldtr_selector, Field::guest_tr_selector, Field::guest_fs_selector,
        Field::guest_gs_selector,   Field::guest_sysenter_cs, Field::guest_sysenter_esp,
        Field::guest_sysenter_eip,  Field::guest_debugctl,    Field::guest_pending_debug,
        Field::guest_rsp,           Field::guest_cr3,         Field::guest_interruptibility,
    };
    reset();
    for (const Field f : zero) set_field(f, 0x10);
    reset();
    for (const Field f : zero) EXPECT_EQ(field(f), 0u) << std::hex << static_cast<u32>(f);
    EXPECT_EQ(field(Field::guest_ldtr_limit), 0xffffu);
    EXPECT_EQ(field(Field::guest_tr_limit), 0xffffu);
}

TEST_F(Guest, SecondResetStartsAfresh) {
    reset();
    run();
    cpu.rm.gprs.rax = 5;
    cpu.rm.pending_io.valid = true;
    cpu.mode = Mode::parked;
    reset();
    EXPECT_EQ(cpu.vmcs_launched, 0u);
    EXPECT_FALSE(fake::vmx().regions.at(rm_vmcs_phys).launched);
    EXPECT_EQ(cpu.rm.gprs.rax, 0u);
    EXPECT_FALSE(cpu.rm.pending_io.valid);
    EXPECT_EQ(cpu.rm.vm, 7u);
}

TEST_F(Guest, EachFailedInstructionFailsTheReset) {
    // VMCLEAR, VMPTRLD, a VMWRITE early and late, and the flushes at the end.
    unsigned failed = 0;
    for (unsigned skip = 0;; ++skip) {
        fake::vmx().fail_after(skip);
        command(VISOR_COMMAND_RESET);
        if (status() == VISOR_OK) break;
        ++failed;
        EXPECT_EQ(status(), VISOR_VMCS_FAILED) << skip;
        EXPECT_FALSE(cpu.rm.configured) << skip;
        command(VISOR_COMMAND_RUN);
        EXPECT_EQ(status(), VISOR_WRONG_STATE) << skip;
        ASSERT_LT(skip, 1000u);
    }
    EXPECT_GT(failed, 100u);
}

struct MissingControl {
    const char* name;
    u64 visor_cpu_facts::*word;
    u32 control;
    u32 msr;
};

class MissingControls : public Guest, public testing::WithParamInterface<MissingControl> {};

TEST_P(MissingControls, AreRefusedByMsrAndBit) {
    const MissingControl& missing = GetParam();
    globals.facts.*missing.word &= ~(u64{missing.control} << 32);
    const Status found = check_controls(guest_controls(globals.facts));
    EXPECT_EQ(found.code, VISOR_NO_CONTROL);
    EXPECT_EQ(found.detail, join(missing.msr, missing.control));
    EXPECT_FALSE(command(VISOR_COMMAND_RESET).has_value());
    EXPECT_EQ(status(), VISOR_NO_CONTROL);
    EXPECT_EQ(fake::vmx().current, linux_vmcs_phys);
}

INSTANTIATE_TEST_SUITE_P(
    Each, MissingControls,
    testing::Values(MissingControl{"virtual_nmis", &visor_cpu_facts::pin_controls,
                                   static_cast<u32>(Pin::virtual_nmis), 0x48d},
                    MissingControl{"io_exiting", &visor_cpu_facts::primary_controls,
                                   static_cast<u32>(Primary::unconditional_io_exiting), 0x48e},
                    MissingControl{"unrestricted_guest", &visor_cpu_facts::secondary_controls,
                                   static_cast<u32>(Secondary::unrestricted_guest), 0x48b},
                    MissingControl{"save_efer", &visor_cpu_facts::exit_controls,
                                   static_cast<u32>(ExitControl::save_efer), 0x48f},
                    MissingControl{"load_pat", &visor_cpu_facts::entry_controls,
                                   static_cast<u32>(EntryControl::load_pat), 0x490}),
    [](const auto& info) { return std::string{info.param.name}; });

TEST_F(Guest, MonitorControlsAreOptional) {
    const u64 monitor = mask(Primary::mwait_exiting, Primary::monitor_exiting);
    reset();
    EXPECT_EQ(field(Field::primary_processor_controls) & monitor, monitor);
    globals.facts.primary_controls &= ~(monitor << 32);
    reset();
    EXPECT_EQ(field(Field::primary_processor_controls) & monitor, 0u);
}

TEST_F(Guest, ControlsAreWhatTheCpuAllows) {
    reset();
    const auto allowed = [](u64 word, u64 capability) {
        return (word & ~u64{high32(capability)}) == 0 && (~word & low32(capability)) == 0;
    };
    EXPECT_TRUE(allowed(field(Field::pin_based_controls), globals.facts.pin_controls));
    EXPECT_TRUE(allowed(field(Field::primary_processor_controls), globals.facts.primary_controls));
    EXPECT_TRUE(
        allowed(field(Field::secondary_processor_controls), globals.facts.secondary_controls));
    EXPECT_TRUE(allowed(field(Field::exit_controls), globals.facts.exit_controls));
    EXPECT_TRUE(allowed(field(Field::entry_controls), globals.facts.entry_controls));
    EXPECT_FALSE(has(field(Field::entry_controls), EntryControl::ia32e_mode_guest));
}

TEST_F(Guest, PortsExitUnlessTheyArePassed) {
    reset();
    constexpr u64 bitmaps = mask(Primary::io_bitmaps);
    EXPECT_EQ(field(Field::primary_processor_controls) & bitmaps, 0u);
    EXPECT_TRUE(has(field(Field::primary_processor_controls), Primary::unconditional_io_exiting));
    cpu.shared.io_bitmap = 0x77000;
    reset();
    EXPECT_EQ(field(Field::primary_processor_controls) & bitmaps, bitmaps);
    EXPECT_EQ(field(Field::io_bitmap_a), 0x77000u);
    EXPECT_EQ(field(Field::io_bitmap_b), 0x78000u);
    cpu.shared.io_bitmap = 0;
    reset();
    EXPECT_EQ(field(Field::primary_processor_controls) & bitmaps, 0u);
}

TEST_F(Guest, BitmapsOfPortsThatCantBeAreRefused) {
    for (const u64 bad : {u64{0x77001}, u64{0xfff0'0000'0000'0000}}) {
        cpu.shared.io_bitmap = bad;
        command(VISOR_COMMAND_RESET);
        EXPECT_EQ(status(), VISOR_BAD_ARGUMENT) << std::hex << bad;
    }
    cpu.shared.io_bitmap = 0x77000;
    globals.facts.primary_controls &= ~(mask(Primary::io_bitmaps) << 32);
    command(VISOR_COMMAND_RESET);
    EXPECT_EQ(status(), VISOR_NO_CONTROL);
}

}  // namespace
}  // namespace rmv
