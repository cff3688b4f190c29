// SPDX-License-Identifier: GPL-2.0-only
// SMIs of a dedicated CPU: by MSR_SMI_COUNT, and by the gaps that they leave.
#include "rm_guest/smi_account.hpp"

#include "rm_guest/clock.hpp"
#include "rm_guest/guest.hpp"
#include "rm_guest/with_apic.hpp"
#include "vmx/trace_event.hpp"

namespace rmv {
namespace {

constexpr u64 gap = 30'000;
constexpr u64 now = 1'000'000;

class SmiAccount : public Guest {
protected:
    SmiAccount() { globals.smi_gap_ticks = gap; }

    // As on a CPU that has the MSR.
    void counts_smis(u64 count) {
        globals.has_smi_count = true;
        fake::cpu().set(Msr::smi_count, count);
    }

    visor_smis& guest = cpu.shared.guest_smis;
    visor_smis& parked = cpu.shared.parked_smis;
};

TEST_F(SmiAccount, ALongGapIsAnSmiAndAShortOneIsNot) {
    note_gap(cpu, parked, gap - 1, now);
    EXPECT_EQ(parked.count, 0u);
    note_gap(cpu, parked, gap, now);
    note_gap(cpu, parked, 5 * gap, now);
    note_gap(cpu, parked, 2 * gap, now);
    EXPECT_EQ(parked.count, 3u);
    EXPECT_EQ(parked.ticks, 8 * gap);
    EXPECT_EQ(parked.longest, 5 * gap);
    EXPECT_EQ(guest.count, 0u);
}

TEST_F(SmiAccount, WhatIsDoneBetweenTwoLooksIsNoGap) {
    GapWatch watch;
    watch.look(cpu, parked, 1000);
    watch.look(cpu, parked, 1000 + gap);
    EXPECT_EQ(parked.count, 1u);
    watch.pause();
    watch.look(cpu, parked, 1000 + 9 * gap);
    EXPECT_EQ(parked.count, 1u);
}

TEST_F(SmiAccount, TheMsrCountsAndGapsOnlyMeasure) {
    counts_smis(41);
    start_smi_account(cpu);
    sample_smis(cpu, guest);
    EXPECT_EQ(guest.count, 0u);
    fake::cpu().set(Msr::smi_count, 44);
    note_gap(cpu, guest, gap, now);
    note_smi(cpu, guest, no_exit);
    sample_smis(cpu, guest);
    EXPECT_EQ(guest.count, 3u);
    EXPECT_EQ(guest.ticks, gap);
}

TEST_F(SmiAccount, TheMsrsThirtyTwoBitsMayWrap) {
    counts_smis(0xffff'ffff);
    start_smi_account(cpu);
    fake::cpu().set(Msr::smi_count, 1);
    sample_smis(cpu, guest);
    EXPECT_EQ(guest.count, 2u);
}

TEST_F(SmiAccount, SmisBeforeTheCpuWasTakenAreNotItsOwn) {
    counts_smis(7);
    cpu.smi_count = 3;
    cpu.shared.state = VISOR_CPU_LINUX;
    reset();
    fake::cpu().on_pause = [this] { cpu.shared.command = VISOR_COMMAND_RUN; };
    EXPECT_EQ(park(cpu, gprs), Next::enter);
    fake::cpu().on_pause = nullptr;
    EXPECT_EQ(parked.count + guest.count, 0u);
}

TEST_F(SmiAccount, TheMsrIsSplitByWhereItWasRead) {
    counts_smis(10);
    start_smi_account(cpu);
    reset();
    fake::cpu().set(Msr::smi_count, 12);
    run();
    EXPECT_EQ(parked.count, 2u);
    fake::cpu().set(Msr::smi_count, 17);
    exit(ExitReason::hlt);
    EXPECT_TRUE(stopped());
    EXPECT_EQ(guest.count, 5u);
    EXPECT_EQ(parked.count, 2u);
}

TEST_F(SmiAccount, APreemptionTimerThatComesLateIsAGap) {
    reset();
    run();
    visor_stop none{};
    fake::cpu().tsc = cpu.rm.clock.timer_end;
    EXPECT_EQ(handle_preemption_timer(cpu, fake::cpu().tsc, none), Action::resume);
    EXPECT_EQ(guest.count, 0u);
    fake::cpu().tsc = cpu.rm.clock.timer_end + 2 * gap;
    EXPECT_EQ(handle_preemption_timer(cpu, fake::cpu().tsc, none), Action::resume);
    EXPECT_EQ(guest.count, 1u);
    EXPECT_GE(guest.longest, 2 * gap);
}

TEST_F(SmiAccount, AGapWhileTheCpuWaitsForItsOwner) {
    reset();
    run();
    while_parked = [] { fake::cpu().tsc += 2 * gap; };
    exit(ExitReason::hlt);
    EXPECT_TRUE(stopped());
    EXPECT_EQ(parked.count, 1u);
    EXPECT_GE(parked.longest, 2 * gap);
    EXPECT_EQ(guest.count, 0u);
}

// With a ring: what SMIs leave in it is in the order of its time, whatever is known of theirs.
class TracedSmis : public SmiAccount {
protected:
    TracedSmis() {
        cpu.trace.attach(&ring->map, slots);
        cpu.watch = watch_trace;
    }
    const TraceRecord& record(u64 index) const { return ring->records[index % slots]; }
    void expect_order() {
        for (u64 index = 1; index < cpu.trace.head(); ++index)
            EXPECT_LE(record(index - 1).tsc, record(index).tsc) << index;
    }

    static constexpr u32 slots = 64;
    struct Ring {
        alignas(page_size) rmvisor_trace_map map;
        alignas(page_size) TraceRecord records[slots];
    };
    std::unique_ptr<Ring> ring = std::make_unique<Ring>();
};

TEST_F(TracedSmis, AGapIsWhereItWas) {
    note_gap(cpu, parked, gap, now);
    EXPECT_EQ(record(0).tsc, now - gap);
    EXPECT_EQ(record(0).root_ticks, gap);
    EXPECT_EQ(record(0).qualification, 1u);
}

TEST_F(TracedSmis, AGapBeginsAfterWhatWasRecordedInIt) {
    trace_event(cpu, RMVISOR_TRACE_RUN, now - 10, 0);
    note_gap(cpu, parked, gap, now);
    EXPECT_EQ(record(1).tsc, now - 10);
    EXPECT_EQ(record(1).root_ticks, gap);
}

TEST_F(TracedSmis, AnExitUnderWayComesAfterItsSmis) {
    counts_smis(3);
    start_smi_account(cpu);
    reset();
    run();
    fake::cpu().set(Msr::smi_count, 4);
    fake::cpu().tsc = cpu.rm.clock.timer_end + 2 * gap;
    exit(ExitReason::preemption_timer_expired);
    const u64 head = cpu.trace.head();
    ASSERT_GE(head, 3u);
    EXPECT_EQ(record(head - 1).type, RMVISOR_TRACE_EXIT);
    EXPECT_EQ(record(head - 2).type, RMVISOR_TRACE_SMI);
    EXPECT_EQ(record(head - 3).type, RMVISOR_TRACE_SMI);
    expect_order();
}

TEST_F(TracedSmis, ARepairComesBeforeTheExitThatFoundIt) {
    reset();
    run();
    cpu.rm.guard.on = true;
    set_field(Field::cr0_read_shadow, 0);
    set_field(Field::guest_cr0, 0x80000031);
    exit(ExitReason::cpuid);
    EXPECT_EQ(guest.count, 1u);
    expect_order();
}

// A guest with an APIC whose HLT waits in root.
class HaltedSmis : public WithApic {
protected:
    HaltedSmis() { globals.smi_gap_ticks = gap; }

    void start_halting() {
        start();
        enable();
        set_field(Field::guest_rflags, 0x202);
    }
    void wake() { EXPECT_TRUE(cpu.rm_inbox.post_vector(tag(), 0x51)); }

    visor_public& shared = cpu.shared;
};

TEST_F(HaltedSmis, GapsWhileTheGuestIsHaltedAreRootsAndNotTheGuests) {
    start_halting();
    unsigned turns = 0;
    waiting_exit(ExitReason::hlt, [&] {
        if (++turns < 3) fake::cpu().tsc += 2 * gap;
        if (turns == 4) {  // the last SMI comes with what ends the wait
            fake::cpu().tsc += 3 * gap;
            wake();
        }
        ASSERT_LT(turns, 10u);
    });
    EXPECT_EQ(shared.halted_smis.count, 3u);
    EXPECT_GE(shared.halted_smis.ticks, 7 * gap);
    EXPECT_GE(shared.halted_smis.longest, 3 * gap);
    EXPECT_EQ(shared.guest_smis.count, 0u);
    EXPECT_EQ(shared.parked_smis.count, 0u);
}

TEST_F(HaltedSmis, TheMsrIsReadWhereTheWaitBeginsAndEnds) {
    globals.has_smi_count = true;
    fake::cpu().set(Msr::smi_count, 10);
    start_smi_account(cpu);
    start_halting();
    fake::cpu().set(Msr::smi_count, 12);
    unsigned turns = 0;
    waiting_exit(ExitReason::hlt, [&] {
        fake::cpu().set(Msr::smi_count, 17);
        if (++turns == 2) wake();
        ASSERT_LT(turns, 10u);
    });
    EXPECT_EQ(shared.guest_smis.count, 2u);
    EXPECT_EQ(shared.halted_smis.count, 5u);
    EXPECT_EQ(shared.parked_smis.count, 0u);
}

TEST_F(HaltedSmis, AnExitThatDoesNotWaitDoesNotReadTheMsr) {
    globals.has_smi_count = true;
    fake::cpu().set(Msr::smi_count, 10);
    start_smi_account(cpu);
    start_halting();
    fake::cpu().set(Msr::smi_count, 12);
    exit(ExitReason::cpuid);
    EXPECT_EQ(shared.guest_smis.count, 0u);
    EXPECT_EQ(shared.halted_smis.count, 0u);
}

}  // namespace
}  // namespace rmv
