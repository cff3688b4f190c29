// SPDX-License-Identifier: GPL-2.0-only
// Events on their way into the guest: order, blocking, windows, and what an exit interrupts.
#include "rm_guest/events.hpp"

#include "rm_guest/guest.hpp"

namespace rmv {
namespace {

constexpr u64 sti = 1, mov_ss = 2, nmi_blocking = 8;
constexpr u64 interrupt_window = bit(2), nmi_window = bit(22);

class Events : public Guest {
protected:
    void SetUp() override {
        reset();
        run();
        set_field(Field::guest_rip, 0x100);
        set_field(Field::guest_rflags, 0x202);
    }

    void interrupt(u8 vector) {
        cpu.rm.events.has_interrupt = true;
        cpu.rm.events.interrupt = vector;
    }
    void nmi() { raise_nmi(cpu.rm.events); }
    void blocked_by(u64 state) { set_field(Field::guest_interruptibility, state); }

    void prepare() {
        Vmcs vmcs;
        prepare_events(cpu.rm, vmcs);
        ASSERT_TRUE(vmcs.status().ok());
    }
    // The entry delivers what was committed.
    void enter() {
        prepare();
        ASSERT_TRUE(fake::vmx().enter(true));
    }

    void expect_committed(InterruptionType type, u8 vector) {
        ASSERT_TRUE(injected());
        EXPECT_EQ(injected()->type, type);
        EXPECT_EQ(injected()->vector, vector);
    }
    u64 windows() const {
        return field(Field::primary_processor_controls) & (interrupt_window | nmi_window);
    }
};

TEST_F(Events, NothingWaitsNothingIsCommitted) {
    prepare();
    EXPECT_FALSE(injected());
    EXPECT_EQ(windows(), 0u);
}

TEST_F(Events, OwnersInterruptIsCommittedOnce) {
    interrupt(0x20);
    enter();
    EXPECT_EQ(windows(), 0u);
    EXPECT_FALSE(cpu.rm.events.has_interrupt);
    prepare();
    EXPECT_FALSE(injected());
}

TEST_F(Events, PreparedTwiceIsCommittedOnce) {
    interrupt(0x20);
    prepare();
    expect_committed(InterruptionType::external_interrupt, 0x20);
    interrupt(0x21);
    prepare();
    expect_committed(InterruptionType::external_interrupt, 0x20);
    EXPECT_TRUE(cpu.rm.events.has_interrupt);
    EXPECT_EQ(windows(), interrupt_window);
}

TEST_F(Events, InterruptWaitsForIf) {
    set_field(Field::guest_rflags, 0x2);
    interrupt(0x20);
    enter();
    EXPECT_EQ(windows(), interrupt_window);
    set_field(Field::guest_rflags, 0x202);
    EXPECT_EQ(exit(ExitReason::interrupt_window), Next::enter);
    EXPECT_FALSE(stopped());
    expect_committed(InterruptionType::external_interrupt, 0x20);
    EXPECT_EQ(windows(), 0u);
}

TEST_F(Events, InterruptWaitsForTheShadowOfStiAndMovSs) {
    for (const u64 shadow : {sti, mov_ss}) {
        blocked_by(shadow);
        interrupt(0x20);
        prepare();
        EXPECT_FALSE(injected()) << shadow;
        EXPECT_EQ(windows(), interrupt_window) << shadow;
    }
}

TEST_F(Events, InterruptIsTakenWhileNmisAreBlocked) {
    blocked_by(nmi_blocking);
    interrupt(0x20);
    prepare();
    expect_committed(InterruptionType::external_interrupt, 0x20);
}

TEST_F(Events, NmiGoesBeforeTheInterrupt) {
    interrupt(0x20);
    nmi();
    enter();
    EXPECT_EQ(windows(), interrupt_window);
    EXPECT_EQ(cpu.rm.events.nmis, 0);
    prepare();
    expect_committed(InterruptionType::external_interrupt, 0x20);
}

TEST_F(Events, OneNmiIsLatchedBeyondTheOneThatIsHandled) {
    nmi();
    nmi();
    nmi();
    enter();
    blocked_by(nmi_blocking);
    prepare();
    EXPECT_FALSE(injected());
    EXPECT_EQ(windows(), nmi_window);
    blocked_by(0);
    EXPECT_EQ(exit(ExitReason::nmi_window), Next::enter);
    expect_committed(InterruptionType::nmi, 2);
    EXPECT_EQ(windows(), 0u);
    EXPECT_EQ(cpu.rm.events.nmis, 0);
}

TEST_F(Events, NmisMergeWhileOneIsHandled) {
    blocked_by(nmi_blocking);
    nmi();
    nmi();
    prepare();
    EXPECT_EQ(cpu.rm.events.nmis, 1);
}

TEST_F(Events, NmiWaitsForMovSsByItsOwnWindow) {
    blocked_by(mov_ss);
    nmi();
    prepare();
    EXPECT_FALSE(injected());
    EXPECT_EQ(windows(), nmi_window);
}

TEST_F(Events, NmiInTheShadowOfStiWaitsForTheInterruptWindow) {
    blocked_by(sti);
    nmi();
    prepare();
    EXPECT_FALSE(injected());
    EXPECT_EQ(windows(), interrupt_window);
    blocked_by(0);
    exit(ExitReason::interrupt_window);
    EXPECT_FALSE(stopped());
    expect_committed(InterruptionType::nmi, 2);
}

TEST_F(Events, FaultOfAHandlerGoesFirst) {
    interrupt(0x20);
    nmi();
    exit(ExitReason::xsetbv, 0, 3);
    expect_committed(InterruptionType::hardware_exception, 6);
    EXPECT_EQ(windows(), interrupt_window | nmi_window);
}

// TF was on: the #DB belongs to the instruction before.
TEST_F(Events, DebugTrapIsNotDroppedForAnInterrupt) {
    set_field(Field::guest_rflags, 0x302);
    interrupt(0x20);
    nmi();
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_EQ(field(Field::guest_pending_debug), bit(14));
    EXPECT_FALSE(injected());
    EXPECT_EQ(windows(), interrupt_window | nmi_window);
}

TEST_F(Events, InterruptionOfADeliveryComesFirst) {
    interrupt(0x20);
    exit_is(ExitReason::ept_violation, 0x182);
    set_field(Field::idt_vectoring_info, 0x80000021);
    exit(static_cast<u32>(ExitReason::ept_violation));
    expect_committed(InterruptionType::external_interrupt, 0x21);
    EXPECT_TRUE(cpu.rm.events.has_interrupt);
}

TEST_F(Events, NmiWhoseDeliveryWasInterruptedIsNotBlockedByItself) {
    exit_is(ExitReason::ept_violation, 0x182);
    set_field(Field::idt_vectoring_info, 0x80000202);
    blocked_by(nmi_blocking);
    exit(static_cast<u32>(ExitReason::ept_violation));
    expect_committed(InterruptionType::nmi, 2);
    EXPECT_EQ(field(Field::guest_interruptibility), 0u);
}

TEST_F(Events, EventUnderWayWithErrorCodeKeepsIt) {
    exit_is(ExitReason::ept_violation, 0x182);
    set_field(Field::idt_vectoring_info, 0x80001b0e);  // bit 12 is undefined here
    set_field(Field::idt_vectoring_error_code, 0x6);
    exit(static_cast<u32>(ExitReason::ept_violation));
    EXPECT_EQ(field(Field::entry_interruption_info), 0x80000b0eu);
    EXPECT_EQ(field(Field::entry_exception_error_code), 6u);
}

TEST_F(Events, TripleFaultLeavesNothingToDeliver) {
    exit_is(ExitReason::triple_fault);
    set_field(Field::idt_vectoring_info, 0x80000308);
    exit(static_cast<u32>(ExitReason::triple_fault));
    EXPECT_FALSE(injected());
}

// IRET unblocked NMIs and then faulted on its stack: it is executed again.
TEST_F(Events, FaultingIretBlocksNmisAgain) {
    exit_is(ExitReason::ept_violation, 0x181 | bit(12));
    blocked_by(0);
    nmi();
    exit(static_cast<u32>(ExitReason::ept_violation));
    EXPECT_EQ(field(Field::guest_interruptibility), nmi_blocking);
    EXPECT_FALSE(injected());
}

TEST_F(Events, DoubleFaultSaysNothingOfIret) {
    exit_is(ExitReason::exception_or_nmi);
    set_field(Field::exit_interruption_info, 0x80001b08);
    blocked_by(0);
    exit(0u);
    EXPECT_EQ(field(Field::guest_interruptibility), 0u);
}

TEST_F(Events, PhysicalNmiLeavesTheGuestsBlockingAlone) {
    blocked_by(nmi_blocking);
    prepare();
    exit_is(ExitReason::exception_or_nmi);
    set_field(Field::exit_interruption_info, 0x80000202);
    exit(0u);
    EXPECT_EQ(field(Field::guest_interruptibility), nmi_blocking);
}

TEST_F(Events, GuestWithoutAnNmiBlocksNone) {
    prepare();
    blocked_by(nmi_blocking);  // Bochs 2.7
    exit_is(ExitReason::exception_or_nmi);
    set_field(Field::exit_interruption_info, 0x80000202);
    exit(0u);
    EXPECT_EQ(field(Field::guest_interruptibility), 0u);
}

TEST_F(Events, NoEntryBlocksSmis) {
    constexpr u64 by_smi = mask(Interruptibility::blocking_by_smi);
    blocked_by(by_smi | mask(Interruptibility::blocking_by_mov_ss));  // Bochs 2.7
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_EQ(field(Field::guest_interruptibility), 0u);
    cpu.rm.events.may_block_nmis = true;
    blocked_by(by_smi | nmi_blocking);
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_EQ(field(Field::guest_interruptibility), nmi_blocking);
    EXPECT_FALSE(stopped());
}

TEST_F(Events, OwnerIsToldOfTheWindow) {
    cpu.shared.run.want_window = 1;
    command(VISOR_COMMAND_RUN);
    EXPECT_EQ(windows(), interrupt_window);
    while_parked = [&] { cpu.shared.run.want_window = 0; };
    exit(ExitReason::interrupt_window);
    EXPECT_EQ(stop.reason, VISOR_STOP_INTERRUPT_WINDOW);
    EXPECT_EQ(stop.interrupt_ready, 1u);
    EXPECT_EQ(windows(), 0u);
}

TEST_F(Events, OwnersInterruptIsDeliveredBeforeItIsToldOfTheNextWindow) {
    cpu.shared.run.want_window = 1;
    set_field(Field::guest_rflags, 0x2);
    interrupt(0x20);
    command(VISOR_COMMAND_RUN);
    fake::vmx().enter(true);
    set_field(Field::guest_rflags, 0x202);
    exit(ExitReason::interrupt_window);
    EXPECT_FALSE(stopped());
    expect_committed(InterruptionType::external_interrupt, 0x20);
    EXPECT_EQ(windows(), interrupt_window);
}

TEST_F(Events, ReadyMeansThatTheNextEntryDelivers) {
    Vmcs vmcs;
    EXPECT_TRUE(is_ready_for_interrupt(cpu.rm, vmcs));
    for (const u64 shadow : {sti, mov_ss}) {
        blocked_by(shadow);
        EXPECT_FALSE(is_ready_for_interrupt(cpu.rm, vmcs));
    }
    blocked_by(nmi_blocking);
    EXPECT_TRUE(is_ready_for_interrupt(cpu.rm, vmcs));
    interrupt(0x20);
    EXPECT_FALSE(is_ready_for_interrupt(cpu.rm, vmcs)) << "one waits";
    prepare();
    EXPECT_FALSE(is_ready_for_interrupt(cpu.rm, vmcs)) << "one is committed";
    enter();
    set_field(Field::guest_pending_debug, bit(14));
    EXPECT_FALSE(is_ready_for_interrupt(cpu.rm, vmcs)) << "a debug trap comes first";
    set_field(Field::guest_pending_debug, 0);
    set_field(Field::guest_rflags, 0x2);
    EXPECT_FALSE(is_ready_for_interrupt(cpu.rm, vmcs));
}

TEST_F(Events, KickKeepsWhatWaitsAndWhatIsCommitted) {
    interrupt(0x20);
    nmi();
    cpu.shared.kick = 1;
    EXPECT_FALSE(command(VISOR_COMMAND_RUN).has_value());
    EXPECT_EQ(cpu.shared.stop.reason, VISOR_STOP_KICK);
    EXPECT_EQ(cpu.shared.stop.interrupt_ready, 0u);
    cpu.shared.kick = 0;
    EXPECT_EQ(command(VISOR_COMMAND_RUN), Next::enter);
    expect_committed(InterruptionType::nmi, 2);
    EXPECT_EQ(windows(), interrupt_window);
}

// What the owner may have written, piece by piece.
TEST_F(Events, ImpossibleBlockingIsMadeGoodBeforeARun) {
    blocked_by(sti | mov_ss);
    command(VISOR_COMMAND_RUN);
    EXPECT_EQ(field(Field::guest_interruptibility), mov_ss);
    blocked_by(sti);
    set_field(Field::guest_rflags, 0x2);
    command(VISOR_COMMAND_RUN);
    EXPECT_EQ(field(Field::guest_interruptibility), 0u);
    blocked_by(mov_ss);
    set_field(Field::guest_rflags, 0x102);
    command(VISOR_COMMAND_RUN);
    EXPECT_EQ(field(Field::guest_pending_debug), bit(14));
    set_field(Field::guest_rflags, 0x2);
    command(VISOR_COMMAND_RUN);
    EXPECT_EQ(field(Field::guest_pending_debug), 0u);
    blocked_by(nmi_blocking);
    set_field(Field::entry_interruption_info, 0x80000202);
    command(VISOR_COMMAND_RUN);
    EXPECT_EQ(field(Field::guest_interruptibility), 0u);
}

TEST_F(Events, GuestThatIsMovedKeepsItsNmiHandlerAndItsInterrupts) {
    Vmcs vmcs;
    set_field(Field::entry_interruption_info, 0x80000021);
    uncommit_events(cpu.rm.events, vmcs);
    EXPECT_FALSE(injected());
    EXPECT_EQ(cpu.rm.events.interrupt, 0x21);
    EXPECT_TRUE(cpu.rm.events.has_interrupt);
    set_field(Field::entry_interruption_info, 0x80000202);
    uncommit_events(cpu.rm.events, vmcs);
    EXPECT_EQ(cpu.rm.events.nmis, 1);
    set_field(Field::entry_interruption_info, 0x80000306);
    uncommit_events(cpu.rm.events, vmcs);
    EXPECT_FALSE(injected());
    EXPECT_EQ(cpu.rm.events.nmis, 1);
    EXPECT_EQ(cpu.rm.events.interrupt, 0x21);
}

TEST_F(Events, ResetForgetsEvents) {
    interrupt(0x20);
    nmi();
    reset();
    run();
    EXPECT_FALSE(cpu.rm.events.has_interrupt);
    EXPECT_EQ(cpu.rm.events.nmis, 0);
    EXPECT_EQ(windows(), 0u);
}

// The first access of prepare_events() comes after those of the exit.
TEST_F(Events, FailedAccessStopsTheGuest) {
    exit_is(ExitReason::nmi_window);
    fake::vmx().fail_after(1);
    exit(static_cast<u32>(ExitReason::nmi_window));
    EXPECT_EQ(stop.reason, VISOR_STOP_VMX_ERROR);
}

}  // namespace
}  // namespace rmv
