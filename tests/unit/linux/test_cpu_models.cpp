// SPDX-License-Identifier: GPL-2.0-only
// Set-up, launch and exits of Linux on every CPU that the fake CPU can be.
#include <cstring>

#include "fake/cpu_models.hpp"
#include "linux/machine.hpp"

namespace rmv {
namespace {

class OnEachCpu : public Machine, public ::testing::WithParamInterface<fake::CpuModel> {
protected:
    OnEachCpu() {
        fake::become(GetParam());
        facts = GetParam().facts;
    }
    void expect_valid_vmcs() {
        Vmcs vmcs;
        const u32 broken = find_broken_rule(globals.facts, vmcs);
        EXPECT_EQ(broken, no_broken_rule) << visor_entry_rule_text(broken);
        EXPECT_TRUE(vmcs.status().ok());
    }
};

class OnEachGoodCpu : public OnEachCpu {};

TEST_P(OnEachCpu, FactsAreThoseOfTheMsrs) {
    visor_cpu_facts read{};
    visor_read_facts(&read);
    EXPECT_EQ(std::memcmp(&read, &facts, sizeof(facts)), 0);
}

TEST_P(OnEachCpu, IsTakenOrRefusedByName) {
    EXPECT_EQ(visor_check_facts(&facts, &refusal), GetParam().refusal);
    EXPECT_EQ(refusal.status, GetParam().refusal);
}

TEST_P(OnEachGoodCpu, LaunchMakesAVmcsThatEveryRuleAccepts) {
    run_linux();
    expect_valid_vmcs();
    EXPECT_EQ(field(Field::guest_cr4), facts.cr4 | mask(Cr4::vmxe));
}

// What is on in a control field though the CPU does not force it.
u64 chosen(Field field, u64 facts) { return fake::vmx().get(field) & ~u64{low32(facts)}; }

// Each bit more may be an exit more. Numbers of bits as in the SDM's tables of the controls.
TEST_P(OnEachGoodCpu, LinuxHasNoControlThatItDoesNotNeed) {
    run_linux();
    EXPECT_EQ(chosen(Field::pin_based_controls, facts.pin_controls), 0u);
    EXPECT_EQ(chosen(Field::primary_processor_controls, facts.primary_controls), bit(28) | bit(31));
    constexpr u64 needed = bit(1) | bit(5);
    constexpr u64 passed_through = bit(3) | bit(12) | bit(20) | bit(26) | bit(27);
    EXPECT_EQ(chosen(Field::secondary_processor_controls, facts.secondary_controls),
              needed | (passed_through & high32(facts.secondary_controls)));
    EXPECT_EQ(field(Field::exception_bitmap), 0u);
}

TEST_P(OnEachGoodCpu, MapHasTheLargestPagesOfTheCpu) {
    ASSERT_EQ(set_up(), VISOR_OK);
    const bool has_tables_per_gib = visor_table_pages() > (bit(facts.physical_bits) >> 30);
    EXPECT_EQ(!has_tables_per_gib, GetParam().has_large_pages);
}

TEST_P(OnEachGoodCpu, ExitsLeaveAVmcsThatEveryRuleAccepts) {
    run_linux();
    set_field(Field::exit_instruction_length, 2);
    gprs.rax = 1;
    EXPECT_EQ(exit(ExitReason::cpuid), Next::enter);
    expect_valid_vmcs();
    EXPECT_EQ(low32(gprs.rcx) | 1u << 27, GetParam().features.ecx | 1u << 27) << "but for OSXSAVE";
    EXPECT_EQ(exit(ExitReason::vmxon), Next::enter);
    EXPECT_EQ(injected(), ud) << "VMX is off, as Linux sees it";
    expect_valid_vmcs();
}

TEST_P(OnEachGoodCpu, EveryInstructionThatFailsLeavesTheCpuNative) {
    ASSERT_EQ(set_up(), VISOR_OK);
    ASSERT_EQ(set_up_cpu(), VISOR_OK);
    fake::entry_calls().launch = [] { return fake::vmx().enter(false) ? 0 : 1; };
    unsigned failures = 0;
    for (;; ++failures) {
        fake::vmx().fail_after(failures);
        if (launch() == VISOR_OK) break;
        ASSERT_FALSE(fake::vmx().on) << failures;
        ASSERT_EQ(cpu.shared.state, VISOR_CPU_NATIVE) << failures;
    }
    EXPECT_GT(failures, 60u);
}

constexpr auto name_of = [](const auto& info) { return std::string{info.param.name}; };
INSTANTIATE_TEST_SUITE_P(Models, OnEachCpu, ::testing::ValuesIn(fake::cpu_models), name_of);
INSTANTIATE_TEST_SUITE_P(Models, OnEachGoodCpu, ::testing::ValuesIn(fake::good_cpu_models()),
                         name_of);

}  // namespace
}  // namespace rmv
