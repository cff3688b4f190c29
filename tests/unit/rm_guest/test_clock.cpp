// SPDX-License-Identifier: GPL-2.0-only
// The preemption timer: rate, deadlines, the budget of a RUN, the watchdog; the guest's TSC.
#include "rm_guest/clock.hpp"

#include "rm_guest/guest.hpp"

namespace rmv {
namespace {

class Clock : public Guest {
protected:
    void SetUp() override {
        reset();
        run();
        set_field(Field::guest_rip, 0x100);
    }

    GuestClock& clock() { return cpu.rm.clock; }
    u64 now() const { return fake::cpu().tsc; }
    void rate(u64 bits) { globals.facts.vmx_misc = bits; }

    // What the next entry's timer is set to, for a deadline `ticks` after the look at the TSC.
    u64 count_for(u64 ticks) {
        set_deadline(clock(), Deadline::apic_timer, now() + tsc_step + ticks);
        Vmcs vmcs;
        prepare_clock(clock(), vmcs);
        EXPECT_TRUE(vmcs.status().ok());
        return field(Field::preemption_timer_value);
    }

    static constexpr u64 tsc_step = 100;  // of the fake CPU, per RDTSC
};

TEST_F(Clock, TimerIsAlwaysOn) {
    EXPECT_NE(field(Field::pin_based_controls) & mask(Pin::preemption_timer), 0u);
    EXPECT_EQ(field(Field::preemption_timer_value), watchdog_ticks);
}

TEST_F(Clock, CountIsInTicksWhereTheRateIsZero) {
    EXPECT_EQ(count_for(1), 1u);
    EXPECT_EQ(count_for(12345), 12345u);
    EXPECT_EQ(count_for(0), 0u);
}

// Never early: the first count of a period may be over at once.
TEST_F(Clock, CountFollowsTheRate) {
    rate(5);
    EXPECT_EQ(count_for(0), 0u);
    EXPECT_EQ(count_for(1), 2u);
    EXPECT_EQ(count_for(32), 2u);
    EXPECT_EQ(count_for(33), 3u);
    EXPECT_EQ(count_for(3200), 101u);
}

TEST_F(Clock, UpperBitsOfVmxMiscAreNotTheRate) {
    rate(0x20040000 | 0x1e0);
    EXPECT_EQ(count_for(777), 777u);
}

TEST_F(Clock, DeadlineThatHasPassedExitsAtOnce) {
    set_deadline(clock(), Deadline::apic_timer, now() - 5);
    Vmcs vmcs;
    prepare_clock(clock(), vmcs);
    EXPECT_EQ(field(Field::preemption_timer_value), 0u);
}

TEST_F(Clock, FarDeadlineIsReachedInSteps) {
    EXPECT_EQ(count_for(u64{1} << 40), watchdog_ticks);
    exit(ExitReason::preemption_timer_expired);
    EXPECT_FALSE(stopped());
}

TEST_F(Clock, EarlierDeadlineCounts) {
    set_deadline(clock(), Deadline::budget, now() + tsc_step + 50);
    EXPECT_EQ(count_for(5000), 50u);
}

// Time in root counts: the second look is later.
TEST_F(Clock, TimerIsComputedAnewForEveryEntry) {
    set_deadline(clock(), Deadline::apic_timer, now() + 10000);
    exit(ExitReason::cpuid, 0, 2);
    const u64 first = field(Field::preemption_timer_value);
    fake::cpu().tsc += 3000;
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_LE(field(Field::preemption_timer_value) + 3000, first);
}

TEST_F(Clock, BudgetEndsTheRun) {
    cpu.shared.run.budget = 1000;
    command(VISOR_COMMAND_RUN);
    EXPECT_LE(field(Field::preemption_timer_value), 1000u);
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_FALSE(stopped());
    fake::cpu().tsc += 1000;
    while_parked = [&] { cpu.shared.run.budget = 0; };
    exit(ExitReason::preemption_timer_expired);
    EXPECT_EQ(stop.reason, VISOR_STOP_BUDGET);
    EXPECT_EQ(stop.budget_left, 1u);
    EXPECT_EQ(field(Field::guest_rip), 0x102u);
    EXPECT_EQ(deadline(clock(), Deadline::budget), never) << "the next RUN has its own";
}

TEST_F(Clock, BudgetThatIsOverAtTheEntryRunsNothing) {
    cpu.shared.run.budget = 1;
    command(VISOR_COMMAND_RUN);
    EXPECT_EQ(field(Field::preemption_timer_value), 0u);
}

TEST_F(Clock, StopSaysWhatIsLeft) {
    cpu.shared.run.budget = 1'000'000;
    command(VISOR_COMMAND_RUN);
    exit(ExitReason::hlt);
    EXPECT_GT(stop.budget_left, 900'000u);
    EXPECT_LT(stop.budget_left, 1'000'000u);
}

TEST_F(Clock, BudgetBeyondTheEndOfTimeIsNone) {
    cpu.shared.run.budget = ~u64{0} - 1;
    command(VISOR_COMMAND_RUN);
    EXPECT_EQ(deadline(clock(), Deadline::budget), never);
    exit(ExitReason::hlt);
    EXPECT_EQ(stop.budget_left, 0u);
}

TEST_F(Clock, ExitOfTheTimerFindsAKickWhoseNmiIsLost) {
    cpu.shared.kick = 1;
    exit(ExitReason::preemption_timer_expired);
    EXPECT_EQ(stop.reason, VISOR_STOP_KICK);
}

TEST_F(Clock, EventThatTheEntryInjectedIsNotLost) {
    cpu.shared.run.budget = 1;
    command(VISOR_COMMAND_RUN);
    exit_is(ExitReason::preemption_timer_expired);
    set_field(Field::idt_vectoring_info, 0x80000021);
    fake::cpu().tsc += 1000;
    while_parked = [&] { cpu.shared.run.budget = 0; };
    exit(static_cast<u32>(ExitReason::preemption_timer_expired));
    EXPECT_EQ(stop.reason, VISOR_STOP_BUDGET);
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, 0x21);
}

TEST_F(Clock, GuestsTscStartsAtResetAndCanBeWritten) {
    EXPECT_NE(field(Field::primary_processor_controls) & mask(Primary::tsc_offsetting), 0u);
    const u64 at_reset = guest_tsc(clock(), fake::cpu().tsc);
    EXPECT_LT(at_reset, 10 * tsc_step);
    gprs.rcx = static_cast<u32>(Msr::tsc);
    gprs.rax = 0x1000;
    gprs.rdx = 0x7;
    exit(ExitReason::wrmsr, 0, 2);
    EXPECT_EQ(field(Field::tsc_offset), clock().tsc_offset);
    exit(ExitReason::rdmsr, 0, 2);
    EXPECT_EQ(gprs.rdx, 0x7u);
    EXPECT_GE(gprs.rax, 0x1000u);
    EXPECT_LT(gprs.rax, 0x1000u + 20 * tsc_step);
    EXPECT_EQ(machine_tsc(clock(), guest_tsc(clock(), 12345)), 12345u);
}

}  // namespace
}  // namespace rmv
