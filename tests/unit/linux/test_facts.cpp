// SPDX-License-Identifier: GPL-2.0-only
// What a CPU must have, each refusal by name, and CPUs that differ.
#include "linux/machine.hpp"

namespace rmv {
namespace {

TEST_F(Machine, FactsAreThoseOfTheMsrs) {
    visor_cpu_facts read{};
    visor_read_facts(&read);
    EXPECT_EQ(read.vmx_basic, facts.vmx_basic);
    EXPECT_EQ(read.pin_controls, facts.pin_controls);
    EXPECT_EQ(read.primary_controls, facts.primary_controls);
    EXPECT_EQ(read.secondary_controls, facts.secondary_controls);
    EXPECT_EQ(read.exit_controls, facts.exit_controls);
    EXPECT_EQ(read.entry_controls, facts.entry_controls);
    EXPECT_EQ(read.ept_vpid_cap, facts.ept_vpid_cap);
    EXPECT_EQ(read.cr0_fixed0, facts.cr0_fixed0);
    EXPECT_EQ(read.cr0_fixed1, facts.cr0_fixed1);
    EXPECT_EQ(read.cr4_fixed0, facts.cr4_fixed0);
    EXPECT_EQ(read.cr4_fixed1, facts.cr4_fixed1);
    EXPECT_EQ(read.feature_control, facts.feature_control);
    EXPECT_EQ(read.cr4, facts.cr4);
    EXPECT_EQ(read.physical_bits, 39u);
    EXPECT_EQ(read.has_vmx, 1u);
    EXPECT_EQ(read.s_cet, 0u);
}

// The fake CPU fails a test that reads an MSR which is not there.
TEST_F(Machine, NoMsrIsReadThatTheCpuLacks) {
    visor_cpu_facts read{};
    fake::Cpu& machine = fake::cpu();
    machine.set(Msr::vmx_true_procbased_ctls, u64{0x7fffffff} << 32);
    machine.msrs.erase(static_cast<u32>(Msr::vmx_procbased_ctls2));
    machine.msrs.erase(static_cast<u32>(Msr::vmx_ept_vpid_cap));
    visor_read_facts(&read);
    EXPECT_EQ(read.secondary_controls, 0u);
    machine.set(Msr::vmx_true_procbased_ctls, facts.primary_controls);
    machine.set(Msr::vmx_procbased_ctls2, 0);
    visor_read_facts(&read);
    EXPECT_EQ(read.ept_vpid_cap, 0u);
    machine.set(Msr::vmx_basic, facts.vmx_basic & ~bit(55));
    machine.msrs.erase(static_cast<u32>(Msr::vmx_true_pinbased_ctls));
    visor_read_facts(&read);
    EXPECT_EQ(read.pin_controls, 0u);
    machine.leaves[{1, 0}].ecx &= ~(1u << 5);
    machine.msrs.clear();
    visor_read_facts(&read);
    EXPECT_EQ(read.has_vmx, 0u);
}

TEST_F(Machine, VpidAloneHasTheCapabilityMsr) {
    fake::cpu().set(Msr::vmx_procbased_ctls2, mask(Secondary::vpid) << 32);
    visor_cpu_facts read{};
    visor_read_facts(&read);
    EXPECT_EQ(read.ept_vpid_cap, facts.ept_vpid_cap);
}

TEST_F(Machine, ShadowStacksAreLookedForWhereTheyCanBe) {
    visor_cpu_facts read{};
    fake::cpu().cr4 |= mask(Cr4::cet);
    visor_read_facts(&read);  // CPUID says no: no RDMSR
    EXPECT_EQ(read.s_cet, 0u);
    fake::cpu().leaves[{7, 0}].ecx |= 1u << 7;
    fake::cpu().set(Msr::s_cet, 1);
    visor_read_facts(&read);
    EXPECT_EQ(read.s_cet, 1u);
    fake::cpu().leaves[{7, 0}] = {0, 0, 0, 1u << 20};
    visor_read_facts(&read);
    EXPECT_EQ(read.s_cet, 1u);
    fake::cpu().leaves[{0, 0}].eax = 6;
    visor_read_facts(&read);
    EXPECT_EQ(read.s_cet, 0u);
}

TEST_F(Machine, AGoodCpuIsAccepted) {
    EXPECT_EQ(visor_check_facts(&facts, &refusal), VISOR_OK);
    EXPECT_EQ(refusal.status, VISOR_OK);
}

constexpr u64 high(u64 bits_of_control) { return bits_of_control << 32; }

TEST_F(Machine, EachLackIsRefusedByName) {
    using Spoil = void (*)(visor_cpu_facts&);
    const struct {
        visor_status status;
        Spoil spoil;
    } cases[] = {
        {VISOR_NO_VMX, [](visor_cpu_facts& f) { f.has_vmx = 0; }},
        {VISOR_VMX_IN_USE, [](visor_cpu_facts& f) { f.cr4 |= mask(Cr4::vmxe); }},
        {VISOR_FEATURE_CONTROL_OFF, [](visor_cpu_facts& f) { f.feature_control = 1; }},
        {VISOR_FEATURE_CONTROL_OFF, [](visor_cpu_facts& f) { f.feature_control = 4; }},
        {VISOR_FRED_IN_USE, [](visor_cpu_facts& f) { f.cr4 |= mask(Cr4::fred); }},
        {VISOR_SHADOW_STACK_IN_USE, [](visor_cpu_facts& f) { f.s_cet = 1; }},
        {VISOR_UNKNOWN_CR4, [](visor_cpu_facts& f) { f.cr4 |= bit(40); }},
        {VISOR_NO_TRUE_CONTROLS, [](visor_cpu_facts& f) { f.vmx_basic &= ~bit(55); }},
        {VISOR_NO_SECONDARY_CONTROLS,
         [](visor_cpu_facts& f) {
             f.primary_controls &= ~high(mask(Primary::secondary_controls));
         }},
        {VISOR_NO_EPT,
         [](visor_cpu_facts& f) { f.secondary_controls &= ~high(mask(Secondary::ept)); }},
        {VISOR_NO_EPT_FEATURE, [](visor_cpu_facts& f) { f.ept_vpid_cap &= ~bit(6); }},
        {VISOR_NO_EPT_FEATURE, [](visor_cpu_facts& f) { f.ept_vpid_cap &= ~bit(14); }},
        {VISOR_NO_EPT_FEATURE, [](visor_cpu_facts& f) { f.ept_vpid_cap &= ~bit(20); }},
        {VISOR_NO_EPT_FEATURE, [](visor_cpu_facts& f) { f.ept_vpid_cap &= ~bit(25); }},
        {VISOR_NO_EPT_FEATURE, [](visor_cpu_facts& f) { f.ept_vpid_cap &= ~bit(26); }},
        {VISOR_NO_VPID,
         [](visor_cpu_facts& f) { f.secondary_controls &= ~high(mask(Secondary::vpid)); }},
        {VISOR_NO_VPID, [](visor_cpu_facts& f) { f.ept_vpid_cap &= ~bit(32); }},
        {VISOR_NO_VPID, [](visor_cpu_facts& f) { f.ept_vpid_cap &= ~bit(41); }},
        {VISOR_NO_UNRESTRICTED_GUEST,
         [](visor_cpu_facts& f) {
             f.secondary_controls &= ~high(mask(Secondary::unrestricted_guest));
         }},
        {VISOR_NO_PREEMPTION_TIMER,
         [](visor_cpu_facts& f) { f.pin_controls &= ~high(mask(Pin::preemption_timer)); }},
        {VISOR_NO_NMI_CONTROLS,
         [](visor_cpu_facts& f) { f.pin_controls &= ~high(mask(Pin::virtual_nmis)); }},
        {VISOR_NO_NMI_CONTROLS,
         [](visor_cpu_facts& f) { f.pin_controls &= ~high(mask(Pin::nmi_exiting)); }},
        {VISOR_NO_CONTROL,
         [](visor_cpu_facts& f) { f.exit_controls &= ~high(mask(ExitControl::save_efer)); }},
        {VISOR_NO_CONTROL,
         [](visor_cpu_facts& f) { f.entry_controls &= ~high(mask(EntryControl::load_efer)); }},
    };
    for (const auto& one : cases) {
        visor_cpu_facts spoilt = haswell_facts();
        one.spoil(spoilt);
        EXPECT_EQ(visor_check_facts(&spoilt, &refusal), one.status);
        EXPECT_EQ(refusal.status, one.status);
        EXPECT_EQ(refusal.rule, 0u) << "no rule of VM entry";
    }
}

TEST_F(Machine, WhatIsNamedByItsStatusAloneHasNoDetail) {
    const auto expect_no_detail = [this](visor_status status, u64 visor_cpu_facts::*word,
                                         u64 missing) {
        visor_cpu_facts spoilt = haswell_facts();
        spoilt.*word &= ~missing;
        EXPECT_EQ(visor_check_facts(&spoilt, &refusal), status);
        EXPECT_EQ(refusal.detail, 0u) << status;
    };
    using Facts = visor_cpu_facts;
    expect_no_detail(VISOR_NO_TRUE_CONTROLS, &Facts::vmx_basic, bit(55));
    expect_no_detail(VISOR_NO_SECONDARY_CONTROLS, &Facts::primary_controls,
                     high(mask(Primary::secondary_controls)));
    expect_no_detail(VISOR_NO_EPT, &Facts::secondary_controls, high(mask(Secondary::ept)));
    expect_no_detail(VISOR_NO_VPID, &Facts::secondary_controls, high(mask(Secondary::vpid)));
    expect_no_detail(VISOR_NO_UNRESTRICTED_GUEST, &Facts::secondary_controls,
                     high(mask(Secondary::unrestricted_guest)));
    expect_no_detail(VISOR_NO_PREEMPTION_TIMER, &Facts::pin_controls,
                     high(mask(Pin::preemption_timer)));
    expect_no_detail(VISOR_NO_NMI_CONTROLS, &Facts::pin_controls, high(mask(Pin::virtual_nmis)));
}

TEST_F(Machine, AMissingControlIsNamedByMsrAndBit) {
    facts.exit_controls &= ~high(mask(ExitControl::save_efer));
    EXPECT_EQ(visor_check_facts(&facts, &refusal), VISOR_NO_CONTROL);
    EXPECT_EQ(refusal.detail, join(static_cast<u32>(Msr::vmx_true_exit_ctls),
                                   static_cast<u32>(ExitControl::save_efer)));
}

TEST_F(Machine, CpusThatDifferAreFound) {
    constexpr u64 visor_cpu_facts::*compared[] = {
        &visor_cpu_facts::vmx_basic,        &visor_cpu_facts::pin_controls,
        &visor_cpu_facts::primary_controls, &visor_cpu_facts::secondary_controls,
        &visor_cpu_facts::exit_controls,    &visor_cpu_facts::entry_controls,
        &visor_cpu_facts::ept_vpid_cap,     &visor_cpu_facts::vmx_misc,
        &visor_cpu_facts::cr0_fixed0,       &visor_cpu_facts::cr0_fixed1,
        &visor_cpu_facts::cr4_fixed0,       &visor_cpu_facts::cr4_fixed1,
    };
    visor_cpu_facts other = facts;
    other.cr4 ^= 1;  // what may differ
    EXPECT_EQ(visor_compare_facts(&facts, &other, &refusal), VISOR_OK);
    u64 index = 0;
    for (const auto member : compared) {
        other = facts;
        other.*member ^= bit(40);
        EXPECT_EQ(visor_compare_facts(&facts, &other, &refusal), VISOR_CPUS_DIFFER);
        EXPECT_EQ(refusal.detail, index++);
    }
    other = facts;
    other.physical_bits = 36;
    EXPECT_EQ(visor_compare_facts(&facts, &other, &refusal), VISOR_CPUS_DIFFER);
    EXPECT_EQ(refusal.detail, index);
}

}  // namespace
}  // namespace rmv
