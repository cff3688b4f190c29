// SPDX-License-Identifier: GPL-2.0-only
// The owner steps the guest and sets breakpoints; the guest sees none of it.
#include "rm_guest/guest_debug.hpp"

#include "rm_guest/exits.hpp"
#include "rm_guest/guest.hpp"

namespace rmv {
namespace {

constexpr u64 tf = mask(Rflags::tf);
constexpr u64 monitor_trap = bit(27), mov_dr_exiting = bit(23);

class GuestDebugging : public Guest {
protected:
    void SetUp() override {
        globals.facts.primary_controls &= ~(monitor_trap << 32);
        reset();
        run();
        set_field(Field::guest_rip, 0x100);
        set_field(Field::guest_cs_base, 0x1000);
        set_field(Field::guest_rflags, 0x202);
    }

    void with_monitor_trap_flag() { globals.facts.primary_controls |= monitor_trap << 32; }
    u32 debug(const visor_guest_debug& wanted) {
        cpu.shared.group = VISOR_GROUP_GUEST_DEBUG;
        cpu.shared.group_data.guest_debug = wanted;
        command(VISOR_COMMAND_SET_STATE);
        return status();
    }
    void enter() { ASSERT_EQ(command(VISOR_COMMAND_RUN), Next::enter); }
    // Parked, as the owner finds it, and it stays there.
    void exception(u8 vector, u64 dr6 = 0) {
        exit_is(ExitReason::exception_or_nmi, dr6);
        set_field(Field::exit_interruption_info,
                  make_interruption(InterruptionType::hardware_exception, vector));
        exit(0u);
    }
    u64 exceptions() const { return field(Field::exception_bitmap); }
};

TEST_F(GuestDebugging, NothingExitsWithoutADebugger) {
    EXPECT_EQ(exceptions() & 0xa, 0u);
    EXPECT_EQ(field(Field::primary_processor_controls) & mov_dr_exiting, 0u);
    EXPECT_EQ(field(Field::guest_rflags) & tf, 0u);
}

TEST_F(GuestDebugging, UnknownFlagsChangeNothing) {
    EXPECT_EQ(debug({.flags = 8}), VISOR_BAD_ARGUMENT);
    EXPECT_EQ(debug({.flags = VISOR_DEBUG_REGISTERS, .dr7 = bit(32)}), VISOR_BAD_ARGUMENT);
    EXPECT_EQ(exceptions() & 0xa, 0u);
}

TEST_F(GuestDebugging, StepByTrapFlag) {
    ASSERT_EQ(debug({.flags = VISOR_DEBUG_STEP}), VISOR_OK);
    EXPECT_EQ(exceptions() & 0xa, 2u);
    enter();
    EXPECT_EQ(field(Field::guest_rflags), 0x202 | tf);
    set_field(Field::guest_rip, 0x103);
    while_parked = [&] { EXPECT_EQ(field(Field::guest_rflags), 0x202u) << "the owner sees none"; };
    exception(1, bit(14));
    EXPECT_EQ(stop.reason, VISOR_STOP_DEBUG);
    EXPECT_EQ(stop.debug_exception, 1u);
    EXPECT_EQ(stop.debug_pc, 0x1103u);
    EXPECT_EQ(stop.debug_dr6, 0xffff4ff0u);
    EXPECT_EQ(field(Field::guest_rflags), 0x202 | tf) << "the next step";
}

TEST_F(GuestDebugging, TrapFlagIsTakenBackWhenTheEntryFails) {
    ASSERT_EQ(debug({.flags = VISOR_DEBUG_STEP}), VISOR_OK);
    enter();
    ASSERT_EQ(field(Field::guest_rflags), 0x202 | tf);
    set_field(Field::instruction_error, 7);
    u64 seen = 0;
    fake::cpu().on_pause = [&] {
        seen = field(Field::guest_rflags);
        cpu.shared.command = VISOR_COMMAND_RUN;
    };
    EXPECT_EQ(handle_rm_entry_failure(gprs, cpu), Next::enter);
    fake::cpu().on_pause = nullptr;
    EXPECT_EQ(seen, 0x202u) << "the owner sees none";
}

TEST_F(GuestDebugging, TrapFlagOfTheGuestStays) {
    set_field(Field::guest_rflags, 0x302);
    ASSERT_EQ(debug({.flags = VISOR_DEBUG_STEP}), VISOR_OK);
    enter();
    while_parked = [&] { EXPECT_EQ(field(Field::guest_rflags), 0x302u); };
    exception(1, bit(14));
    EXPECT_TRUE(stopped());
}

// SDM: Checks on Guest Non-Register State.
TEST_F(GuestDebugging, StepInAShadowHasAPendingTrap) {
    set_field(Field::guest_interruptibility, mask(Interruptibility::blocking_by_mov_ss));
    ASSERT_EQ(debug({.flags = VISOR_DEBUG_STEP}), VISOR_OK);
    enter();
    EXPECT_EQ(field(Field::guest_pending_debug), bit(14));
    cpu.shared.kick = 1;
    while_parked = [&] { EXPECT_EQ(field(Field::guest_pending_debug), 0u); };
    exit(ExitReason::preemption_timer_expired);
    EXPECT_EQ(stop.reason, VISOR_STOP_KICK);
}

TEST_F(GuestDebugging, StepByMonitorTrapFlag) {
    with_monitor_trap_flag();
    ASSERT_EQ(debug({.flags = VISOR_DEBUG_STEP}), VISOR_OK);
    enter();
    EXPECT_NE(field(Field::primary_processor_controls) & monitor_trap, 0u);
    EXPECT_EQ(field(Field::guest_rflags) & tf, 0u);
    while_parked = [&] { ASSERT_EQ(debug({}), VISOR_OK); };
    exit(ExitReason::monitor_trap_flag);
    EXPECT_EQ(stop.reason, VISOR_STOP_DEBUG);
    EXPECT_EQ(stop.debug_dr6, 0xffff4ff0u);
    EXPECT_EQ(field(Field::primary_processor_controls) & monitor_trap, 0u);
}

TEST_F(GuestDebugging, EveryAddressIsTheOwnersAndThenTheGuestsAgain) {
    fake::Cpu& machine = fake::cpu();
    for (u32 i = 0; i < 4; ++i) machine.dr[i] = 0x100 + i;
    ASSERT_EQ(debug({.flags = VISOR_DEBUG_REGISTERS, .db = {0x50, 0x51, 0x52, 0x53}, .dr7 = 0x455}),
              VISOR_OK);
    enter();
    for (u32 i = 0; i < 4; ++i) EXPECT_EQ(machine.dr[i], 0x50 + i);
    while_parked = [&] {
        for (u32 i = 0; i < 4; ++i) EXPECT_EQ(machine.dr[i], 0x100 + i);
    };
    exit(ExitReason::hlt);
    EXPECT_TRUE(stopped());
}

TEST_F(GuestDebugging, MonitorTrapThatNobodyWantsStopsByName) {
    exit(ExitReason::monitor_trap_flag);
    EXPECT_EQ(stop.reason, VISOR_STOP_UNHANDLED);
}

TEST_F(GuestDebugging, InstructionThatRootDoesIsAStep) {
    ASSERT_EQ(debug({.flags = VISOR_DEBUG_STEP}), VISOR_OK);
    enter();
    while_parked = [&] { EXPECT_EQ(field(Field::guest_rip), 0x102u); };
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_EQ(stop.reason, VISOR_STOP_DEBUG);
    EXPECT_EQ(stop.debug_pc, 0x1102u);
    EXPECT_EQ(field(Field::guest_pending_debug), 0u) << "it does not trap again";
}

TEST_F(GuestDebugging, InstructionThatTheOwnerDoesIsAStep) {
    ASSERT_EQ(debug({.flags = VISOR_DEBUG_STEP}), VISOR_OK);
    enter();
    exit_is(ExitReason::io_instruction, u64{0x80} << 16, 2);
    unsigned looks = 0;
    fake::cpu().on_pause = [&] {
        EXPECT_LT(++looks, 4u);
        if (looks == 1) {
            EXPECT_EQ(cpu.shared.stop.reason, VISOR_STOP_IO);
        }
        if (looks == 2) {
            EXPECT_EQ(cpu.shared.stop.reason, VISOR_STOP_DEBUG);
            EXPECT_EQ(cpu.shared.stop.debug_pc, 0x1102u);
        }
        cpu.shared.run = {.completion = looks == 1 ? u32{VISOR_COMPLETE_IO} : 0};
        cpu.shared.command = VISOR_COMMAND_RUN;
    };
    ExitContext context{cpu, gprs};
    EXPECT_EQ(handle_rm_exit(context, static_cast<u32>(ExitReason::io_instruction)), Next::enter);
    fake::cpu().on_pause = nullptr;
    EXPECT_EQ(looks, 2u);
}

TEST_F(GuestDebugging, CodeBreakpoint) {
    ASSERT_EQ(debug({.flags = VISOR_DEBUG_CODE_BREAKPOINTS}), VISOR_OK);
    EXPECT_EQ(exceptions() & 0xa, 8u);
    enter();
    exit_is(ExitReason::exception_or_nmi);
    set_field(Field::exit_interruption_info,
              make_interruption(InterruptionType::software_exception, 3));
    exit(0u);
    EXPECT_EQ(stop.reason, VISOR_STOP_DEBUG);
    EXPECT_EQ(stop.debug_exception, 3u);
    EXPECT_EQ(stop.debug_pc, 0x1100u);
    EXPECT_EQ(stop.debug_dr6, 0u);
}

class DebugRegisters : public GuestDebugging {
protected:
    void SetUp() override {
        GuestDebugging::SetUp();
        const u64 guests[4] = {0x11, 0x12, 0x13, 0x14};
        for (u32 i = 0; i < 4; ++i) fake::cpu().dr[i] = guests[i];
        set_field(Field::guest_dr7, 0x4aa);
        ASSERT_EQ(debug({.flags = VISOR_DEBUG_REGISTERS, .db = {1, 2, 3, 4}, .dr7 = 0x2001}),
                  VISOR_OK);
        enter();
    }
    void mov_dr(u32 number, bool from, GeneralRegister reg = GeneralRegister::rbx) {
        exit(ExitReason::mov_dr, number | (from ? bit(4) : 0) | static_cast<u64>(reg) << 8, 3);
    }
};

TEST_F(DebugRegisters, OwnersAreInWhileTheGuestRunsOnly) {
    EXPECT_EQ(fake::cpu().dr[3], 4u);
    EXPECT_EQ(field(Field::guest_dr7), 0x401u) << "without GD";
    EXPECT_NE(field(Field::primary_processor_controls) & mov_dr_exiting, 0u);
    while_parked = [&] {
        EXPECT_EQ(fake::cpu().dr[3], 0x14u);
        EXPECT_EQ(field(Field::guest_dr7), 0x4aau);
    };
    exception(1, 1);
    EXPECT_EQ(stop.reason, VISOR_STOP_DEBUG);
    EXPECT_EQ(stop.debug_dr6, 0xffff0ff1u);
    EXPECT_EQ(stop.debug_dr7, 0x401u);
    EXPECT_EQ(fake::cpu().dr[3], 4u) << "running again";
}

TEST_F(DebugRegisters, GuestReadsAndWritesItsOwn) {
    mov_dr(2, true);
    EXPECT_EQ(gprs.rbx, 0x13u);
    gprs.rbx = 0x1'0000'0099;
    mov_dr(2, false);
    EXPECT_EQ(fake::cpu().dr[2], 3u);
    mov_dr(2, true);
    EXPECT_EQ(gprs.rbx, 0x99u) << "32 bits outside 64-bit mode";
    gprs.rbx = 0x155;
    mov_dr(7, false);
    mov_dr(5, true);  // DR5 is DR7 while CR4.DE = 0
    EXPECT_EQ(gprs.rbx, 0x555u);
    EXPECT_EQ(field(Field::guest_dr7), 0x401u);
    while_parked = [&] {
        EXPECT_EQ(fake::cpu().dr[2], 0x99u);
        EXPECT_EQ(field(Field::guest_dr7), 0x555u);
    };
    exit(ExitReason::hlt);
}

TEST_F(DebugRegisters, Dr6IsTheCpus) {
    gprs.rbx = 0xffff4ff1;
    mov_dr(6, false);
    EXPECT_EQ(fake::cpu().dr6, 0xffff4ff1u);
    gprs.rbx = 0;
    mov_dr(4, true);  // DR4 is DR6 while CR4.DE = 0
    EXPECT_EQ(gprs.rbx, 0xffff4ff1u);
}

TEST_F(DebugRegisters, Dr4IsUndefinedWithDebugExtensions) {
    set_field(Field::guest_cr4, mask(Cr4::de, Cr4::vmxe));
    mov_dr(4, true);
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, 6);
}

TEST_F(DebugRegisters, UserModeMayNot) {
    protected_mode();
    set_field(Field::guest_ss_access_rights, 0xf3);
    mov_dr(0, true);
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, 13);
}

}  // namespace
}  // namespace rmv
