// SPDX-License-Identifier: GPL-2.0-only
// From a CPU that runs Linux to one that runs it as a guest: what the VMCS holds then, and that
// every failure on the way leaves the CPU as it was.
#include "linux/machine.hpp"
#include "vmx/root_env.hpp"

namespace rmv {
namespace {

class Launch : public Machine {
protected:
    Launch() {
        EXPECT_EQ(set_up(), VISOR_OK);
        EXPECT_EQ(set_up_cpu(), VISOR_OK);
    }
    void expect_native() {
        EXPECT_FALSE(fake::vmx().on);
        EXPECT_FALSE(has(fake::cpu().cr4, Cr4::vmxe));
        EXPECT_EQ(cpu.shared.state, VISOR_CPU_NATIVE);
        EXPECT_EQ(cpu.mode, Mode::off);
    }
};

TEST_F(Launch, MakesAVmcsThatEveryRuleAccepts) {
    u32 broken = ~0u;
    cpu.nmi_returns_by_iret = 1;  // of the guest before
    fake::entry_calls().launch = [&] {
        // entry.S writes these two.
        set_field(Field::guest_rsp, 0xffffc90000000000);
        set_field(Field::guest_rip, 0xffffffffc0000000);
        Vmcs vmcs;
        broken = find_broken_rule(globals.facts, vmcs);
        return fake::vmx().enter(false) ? 0 : 1;
    };
    ASSERT_EQ(launch(), VISOR_OK);
    EXPECT_EQ(broken, no_broken_rule) << visor_entry_rule_text(broken);
    EXPECT_EQ(refusal.status, VISOR_OK);
    EXPECT_EQ(cpu.shared.state, VISOR_CPU_LINUX);
    EXPECT_EQ(cpu.mode, Mode::linux_guest);
    EXPECT_EQ(cpu.nmi_returns_by_iret, 0u);
    EXPECT_EQ(cpu.apic_id, apic_id);
    EXPECT_NE(cpu.shared.setup_ticks, 0u);
    EXPECT_LT(cpu.shared.setup_ticks, cpu.shared.launch_ticks);
    ASSERT_EQ(fake::vmx().invepts.size(), 1u);
    EXPECT_EQ(fake::vmx().invepts[0].type, 2u);
    ASSERT_EQ(fake::vmx().invvpids.size(), 1u);
    EXPECT_EQ(fake::vmx().invvpids[0], (fake::Flush{1, cpu_number + 1}));
}

TEST_F(Launch, LinuxGoesOnAsItWas) {
    fake::Cpu& machine = fake::cpu();
    machine.set(Msr::debugctl, 0x1);
    machine.set(Msr::sysenter_esp, 0xfffffe0000003000);
    machine.cr3 = bit(63) | 0x5003;
    run_linux();
    EXPECT_EQ(field(Field::guest_cr0), machine.cr0);
    EXPECT_EQ(field(Field::guest_cr3), 0x5003u);
    EXPECT_EQ(field(Field::guest_cr4), facts.cr4 | mask(Cr4::vmxe));
    EXPECT_EQ(field(Field::cr4_read_shadow), facts.cr4);
    EXPECT_EQ(field(Field::cr4_guest_host_mask), mask(Cr4::vmxe));
    EXPECT_EQ(field(Field::guest_gs_base), 0xffff8880'00100000u);
    EXPECT_EQ(field(Field::guest_tr_selector), 0x40u);
    EXPECT_EQ(field(Field::guest_tr_base), 0xfffffe00'00001000u);
    EXPECT_EQ(field(Field::guest_tr_limit), 0x206fu);
    EXPECT_EQ(field(Field::guest_tr_access_rights), 0x8bu);
    EXPECT_EQ(field(Field::guest_cs_access_rights), 0xa09bu);
    EXPECT_EQ(field(Field::guest_ss_access_rights), 0xc093u);
    EXPECT_EQ(field(Field::guest_ds_access_rights), 0x10000u);
    EXPECT_EQ(field(Field::guest_ds_limit), 0u);
    EXPECT_EQ(field(Field::guest_ldtr_base), 0u);
    EXPECT_EQ(field(Field::guest_gdtr_base), machine.gdt.base);
    EXPECT_EQ(field(Field::guest_gdtr_limit), machine.gdt.limit);
    EXPECT_EQ(field(Field::guest_idtr_base), machine.idt.base);
    EXPECT_EQ(field(Field::guest_debugctl), 1u);
    EXPECT_EQ(field(Field::guest_sysenter_esp), 0xfffffe0000003000u);
    EXPECT_EQ(field(Field::guest_dr7), machine.dr7);
    EXPECT_EQ(field(Field::guest_interruptibility), 0u);
    EXPECT_EQ(field(Field::guest_activity), 0u);
    EXPECT_EQ(field(Field::vpid), cpu_number + 1);
    EXPECT_EQ(field(Field::ept_pointer), globals.linux_ept_pointer);
    EXPECT_EQ(field(Field::msr_bitmap), globals.linux_msr_bitmap_phys);
}

// A selector that names nothing readable is unusable, as hardware would have it.
TEST_F(Launch, ASelectorWithoutADescriptorIsUnusable) {
    fake::cpu().es = 0x2b;
    run_linux();
    EXPECT_EQ(field(Field::guest_es_selector), 0x2bu);
    EXPECT_EQ(field(Field::guest_es_access_rights), 0x10000u);
}

TEST_F(Launch, RootHasItsOwnWorld) {
    run_linux();
    EXPECT_EQ(field(Field::host_cr0), 0x80010033u);
    EXPECT_EQ(field(Field::host_cr3), globals.root_cr3);
    EXPECT_EQ(field(Field::host_cr4), 0x426e0u);
    EXPECT_EQ(field(Field::host_efer), 0xd00u);
    EXPECT_EQ(field(Field::host_gs_base), reinterpret_cast<u64>(&cpu));
    EXPECT_EQ(field(Field::host_tr_base), reinterpret_cast<u64>(&cpu.tss));
    EXPECT_EQ(field(Field::host_gdtr_base), reinterpret_cast<u64>(cpu.gdt));
    EXPECT_EQ(field(Field::host_idtr_base), reinterpret_cast<u64>(cpu.idt));
    EXPECT_EQ(field(Field::host_rsp), root_frame(cpu));
    EXPECT_EQ(cpu.frame, root_frame(cpu));
    EXPECT_EQ(field(Field::host_cs_selector), 0x10u);
    EXPECT_EQ(field(Field::host_ss_selector), 0x18u);
    EXPECT_EQ(field(Field::host_tr_selector), 0x40u);
}

TEST_F(Launch, BitmapsOfNewInstructionsAreEmpty) {
    globals.facts.secondary_controls |= mask(Secondary::xsaves, Secondary::pconfig) << 32;
    run_linux();
    EXPECT_TRUE(fake::vmx().is_written(Field::xss_exiting_bitmap));
    EXPECT_EQ(field(Field::xss_exiting_bitmap), 0u);
    EXPECT_TRUE(fake::vmx().is_written(Field::pconfig_exiting_bitmap));
    EXPECT_EQ(field(Field::pconfig_exiting_bitmap), 0u);
}

TEST_F(Launch, NotTwiceAndNotWhereSomebodyElseIs) {
    fake::cpu().cr4 |= mask(Cr4::vmxe);
    EXPECT_EQ(launch(), VISOR_VMX_IN_USE);
    fake::cpu().cr4 &= ~mask(Cr4::vmxe);
    cpu.mode = Mode::parked;
    EXPECT_EQ(launch(), VISOR_WRONG_STATE);
    EXPECT_EQ(refusal.detail, static_cast<u64>(Mode::parked));
    EXPECT_FALSE(fake::vmx().on);
}

// Each VMX instruction fails once.
TEST_F(Launch, EveryInstructionThatFailsLeavesTheCpuNative) {
    fake::entry_calls().launch = [] { return fake::vmx().enter(false) ? 0 : 1; };
    unsigned n = 0;
    for (;; ++n) {
        fake::vmx().fail_after(n);
        const u32 status = launch();
        if (status == VISOR_OK) break;
        EXPECT_TRUE(status == VISOR_VMXON_FAILED || status == VISOR_VMCS_FAILED ||
                    status == VISOR_ENTRY_FAILED)
            << n << ": " << status;
        EXPECT_EQ(refusal.status, status);
        expect_native();
        if (HasFailure()) return;
    }
    EXPECT_GT(n, 60u);
}

TEST_F(Launch, AControlThatIsMissingIsNamed) {
    globals.facts.exit_controls &= ~(mask(ExitControl::save_efer) << 32);
    EXPECT_EQ(launch(), VISOR_NO_CONTROL);
    expect_native();
}

TEST_F(Launch, ABrokenRuleIsNamed) {
    fake::entry_calls().launch = [this] {
        set_field(Field::host_cr3, bit(60));
        set_field(Field::instruction_error, 8);
        return 1;
    };
    EXPECT_EQ(launch(), VISOR_ENTRY_FAILED);
    EXPECT_EQ(refusal.detail, 8u);
    EXPECT_NE(refusal.rule, no_broken_rule);
    EXPECT_NE(std::string{visor_entry_rule_text(refusal.rule)}.find("host CR3"), std::string::npos);
    expect_native();
}

TEST_F(Launch, AnEntryThatFailsLaterIsToldByItsReason) {
    fake::entry_calls().launch = [this] {
        cpu.shared.fault.exit_reason = 0x80000021;
        cpu.shared.fault.rule = 3;
        return 2;
    };
    EXPECT_EQ(launch(), VISOR_ENTRY_FAILED);
    EXPECT_EQ(refusal.detail, 0x80000021u);
    EXPECT_EQ(refusal.rule, 3u);
    fake::vmx().vmclear(cpu.linux_vmcs_phys);
    cpu.mode = Mode::off;
}

TEST_F(Launch, TheApicIdOfAnXapicIsInCpuid) {
    globals.x2apic = false;
    fake::cpu().leaves[{1, 0}].ebx = 0x05100800;
    fake::entry_calls().launch = [] { return fake::vmx().enter(false) ? 0 : 1; };
    ASSERT_EQ(launch(), VISOR_OK);
    EXPECT_EQ(cpu.apic_id, 5u);
}

}  // namespace
}  // namespace rmv
