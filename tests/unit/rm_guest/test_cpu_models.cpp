// SPDX-License-Identifier: GPL-2.0-only
// A guest on every CPU that the fake CPU can be and that pre-flight takes: what the visor writes is
// allowed there, with and without a local APIC, in each mode.
#include "fake/cpu_models.hpp"
#include "rm_guest/apic/vmcs.hpp"
#include "rm_guest/clock.hpp"
#include "rm_guest/with_apic.hpp"
#include "vmx/entry_check/entry_check.hpp"

namespace rmv {
namespace {

class GuestOnEachCpu : public WithApic, public ::testing::WithParamInterface<fake::CpuModel> {
protected:
    GuestOnEachCpu() {
        fake::become(GetParam());
        globals.facts = GetParam().facts;
        globals.has_xsave = GetParam().has_xsave;
        globals.guest_xcr0 = GetParam().has_xsave ? 7 : 1;
    }
    void start_with(visor_apic kind) {
        cpu.shared.apic = kind;
        start();
        set_field(Field::guest_rsp, 0x1000);
    }
    void expect_valid_vmcs() {
        Vmcs vmcs;
        const u32 broken = find_broken_rule(globals.facts, vmcs);
        EXPECT_EQ(broken, no_broken_rule) << visor_entry_rule_text(broken);
        EXPECT_TRUE(vmcs.status().ok());
    }
    bool is_set(Secondary one) const {
        return (field(Field::secondary_processor_controls) & mask(one)) != 0;
    }
};

TEST_P(GuestOnEachCpu, ResetAndRunMakeAVmcsThatEveryRuleAccepts) {
    start_with(VISOR_APIC_NONE);
    expect_valid_vmcs();
}

TEST_P(GuestOnEachCpu, ExitsLeaveItSo) {
    start_with(VISOR_APIC_NONE);
    for (const ExitReason reason :
         {ExitReason::cpuid, ExitReason::hlt, ExitReason::rdmsr, ExitReason::wrmsr,
          ExitReason::interrupt_window, ExitReason::preemption_timer_expired}) {
        EXPECT_EQ(exit(reason, 0, 2), Next::enter);
        expect_valid_vmcs();
        ASSERT_TRUE(fake::vmx().enter(true));
    }
}

TEST_P(GuestOnEachCpu, ProtectedModeAndPagingAreAllowed) {
    start_with(VISOR_APIC_NONE);
    protected_mode();
    expect_valid_vmcs();
    protected_mode(mask(Cr0::pg));
    expect_valid_vmcs();
}

TEST_P(GuestOnEachCpu, LocalApicIsTheCpusWhereItHasOne) {
    start_with(VISOR_APIC_EMULATED);
    expect_valid_vmcs();
    EXPECT_EQ(apic::has_xapic(globals.facts), GetParam().has_xapic);
    EXPECT_EQ(is_set(Secondary::virtualize_apic_accesses), GetParam().has_xapic);
    enable();  // as an x2APIC
    expect_valid_vmcs();
    EXPECT_FALSE(is_set(Secondary::apic_register_virtualization));
}

TEST_P(GuestOnEachCpu, TimerIsNeverEarly) {
    start_with(VISOR_APIC_NONE);
    constexpr u64 ticks = 1 << 20, step = 100;  // of the fake CPU's TSC
    set_deadline(cpu.rm.clock, Deadline::apic_timer, fake::cpu().tsc + step + ticks);
    Vmcs vmcs;
    prepare_clock(cpu.rm.clock, vmcs);
    const u64 rate = bits(GetParam().facts.vmx_misc, 4, 0);
    const u64 count = field(Field::preemption_timer_value);
    EXPECT_GE(count << rate, ticks);
    EXPECT_LE(count, (ticks >> rate) + 1);
}

INSTANTIATE_TEST_SUITE_P(Models, GuestOnEachCpu, ::testing::ValuesIn(fake::good_cpu_models()),
                         [](const auto& info) { return std::string{info.param.name}; });

}  // namespace
}  // namespace rmv
