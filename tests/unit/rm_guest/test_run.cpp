// SPDX-License-Identifier: GPL-2.0-only
// RUN, kicks, and IO that waits to be completed.
#include "rm_guest/guest.hpp"
#include "rm_guest/io.hpp"

namespace rmv {
namespace {

// Exit qualifications of I/O instructions.
constexpr u64 io_in = bit(3);
constexpr u64 io_port(u16 port, u8 size) { return (u64{port} << 16) | (size - 1u); }

TEST_F(Guest, RunEntersWithTheGuestsRegisters) {
    reset();
    cpu.rm.gprs.rsi = 0x55;
    cpu.rm.cr2 = 0xabc;
    cpu.pending = 1;
    run();
    EXPECT_EQ(gprs.rsi, 0x55u);
    EXPECT_EQ(fake::cpu().cr2, 0xabcu);
    EXPECT_EQ(cpu.mode, Mode::rm_guest);
    EXPECT_EQ(cpu.shared.state, VISOR_CPU_RUNNING);
    EXPECT_EQ(cpu.pending, 0u);
}

TEST_F(Guest, RunFollowsChangesOfGuestMemory) {
    reset();
    fake::vmx().invepts.clear();
    run();
    EXPECT_TRUE(fake::vmx().invepts.empty());
    cpu.shared.ept_generation = 9;
    command(VISOR_COMMAND_RUN);
    EXPECT_EQ(fake::vmx().invepts, (std::vector<fake::Flush>{{1, test_ept_pointer}}));
    command(VISOR_COMMAND_RUN);
    EXPECT_EQ(fake::vmx().invepts.size(), 1u);
}

TEST_F(Guest, RunWithAFailedFlushIsRefused) {
    reset();
    cpu.shared.ept_generation = 9;
    fake::vmx().fail_after(0);
    EXPECT_FALSE(command(VISOR_COMMAND_RUN).has_value());
    EXPECT_EQ(status(), VISOR_VMCS_FAILED);
    EXPECT_EQ(cpu.shared.state, VISOR_CPU_PARKED);
    EXPECT_EQ(cpu.shared.stop_sequence, 0u);
    EXPECT_EQ(command(VISOR_COMMAND_RUN), Next::enter);  // flushed now
    EXPECT_EQ(fake::vmx().invepts.size(), 2u);
}

// Whichever VMX instruction fails on the way to the first entry: RUN is refused, or the owner hears
// of a guest that stopped; it is never entered.
TEST_F(Guest, RunWithAnyInstructionThatFailsDoesNotEnter) {
    unsigned refused = 0, stopped_at_once = 0;
    for (unsigned skip = 0;; ++skip) {
        reset();
        fake::vmx().fail_after(skip);
        if (command(VISOR_COMMAND_RUN) == Next::enter) break;
        EXPECT_EQ(cpu.shared.state, VISOR_CPU_PARKED) << skip;
        if (status() != VISOR_OK) {
            EXPECT_EQ(status(), VISOR_VMCS_FAILED) << skip;
            ++refused;
        } else {
            EXPECT_EQ(cpu.shared.stop.reason, VISOR_STOP_VMX_ERROR) << skip;
            ++stopped_at_once;
        }
    }
    EXPECT_GT(refused, 0u);
    EXPECT_GT(stopped_at_once, 0u);
}

TEST_F(Guest, KickBeforeTheRunStopsAtOnce) {
    reset();
    cpu.rm.gprs.rdi = 0x77;
    cpu.shared.kick = 1;
    cpu.shared.doorbell_vector = doorbell_vector;
    EXPECT_FALSE(command(VISOR_COMMAND_RUN).has_value());
    EXPECT_EQ(status(), VISOR_OK);
    EXPECT_EQ(cpu.shared.stop.reason, VISOR_STOP_KICK);
    EXPECT_EQ(cpu.shared.stop_sequence, 1u);
    EXPECT_EQ(cpu.shared.state, VISOR_CPU_PARKED);
    EXPECT_EQ(cpu.shared.kick, 1u) << "Linux clears it";
    EXPECT_EQ(cpu.rm.gprs.rdi, 0x77u);
    EXPECT_EQ(fake::cpu().msr_writes.size(), 1u);
}

TEST_F(Guest, AnOwnerThatPollsHearsNoDoorbell) {
    reset();
    cpu.shared.kick = 1;
    cpu.shared.doorbell_vector = doorbell_vector;
    cpu.shared.owner_polls = 1;
    EXPECT_FALSE(command(VISOR_COMMAND_RUN).has_value());
    EXPECT_EQ(cpu.shared.stop_sequence, 1u);
    EXPECT_TRUE(fake::cpu().msr_writes.empty());
}

TEST_F(Guest, NmiBeforeTheEntryWithoutKickIsForgotten) {
    reset();
    run();
    cpu.pending = 1;
    EXPECT_EQ(handle_rm_nmi_pending(gprs, cpu), Next::enter);
    EXPECT_EQ(cpu.pending, 0u);
    EXPECT_EQ(fake::entry_calls().unblocked_nmis, 1u);
    EXPECT_EQ(cpu.shared.stop_sequence, 0u);
}

TEST_F(Guest, NmiBeforeTheEntryWithKickStops) {
    reset();
    run();
    cpu.pending = 1;
    cpu.shared.kick = 1;
    gprs.rcx = 0x99;
    bool parked = false;
    fake::cpu().on_pause = [&] {
        parked = true;
        EXPECT_EQ(cpu.shared.stop.reason, VISOR_STOP_KICK);
        cpu.shared.kick = 0;
        cpu.shared.command = VISOR_COMMAND_RUN;
    };
    EXPECT_EQ(handle_rm_nmi_pending(gprs, cpu), Next::enter);
    EXPECT_TRUE(parked);
    EXPECT_EQ(gprs.rcx, 0x99u);
}

TEST_F(Guest, NmiExitWithoutKickResumes) {
    reset();
    run();
    exit_is(ExitReason::exception_or_nmi);
    set_field(Field::exit_interruption_info, 0x80000202);
    set_field(Field::guest_interruptibility, mask(Interruptibility::blocking_by_nmi));
    EXPECT_EQ(exit(0u), Next::enter);
    EXPECT_FALSE(stopped());
    EXPECT_EQ(fake::entry_calls().unblocked_nmis, 1u);
    EXPECT_EQ(field(Field::guest_interruptibility), 0u);
}

TEST_F(Guest, NmiExitWithKickStopsAndKeepsTheEventUnderWay) {
    reset();
    run();
    cpu.shared.kick = 1;
    exit_is(ExitReason::exception_or_nmi);
    set_field(Field::exit_interruption_info, 0x80000202);
    set_field(Field::idt_vectoring_info, 0x80000400 | 0x21);  // INT 21h
    exit(0u);
    EXPECT_TRUE(stopped());
    EXPECT_EQ(stop.reason, VISOR_STOP_KICK);
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, 0x21);
}

TEST_F(Guest, OutStopsWithItsValue) {
    reset();
    gprs = {};
    run();
    gprs.rax = 0x1122334455667788;
    set_field(Field::guest_rip, 0x100);
    exit(ExitReason::io_instruction, io_port(0x3f8, 1), 2);
    ASSERT_TRUE(stopped());
    EXPECT_EQ(parked_state, VISOR_CPU_PARKED);
    EXPECT_EQ(stop.reason, VISOR_STOP_IO);
    EXPECT_EQ(stop.port, 0x3f8);
    EXPECT_EQ(stop.size, 1);
    EXPECT_EQ(stop.in, 0);
    EXPECT_EQ(stop.data, 0x88u);
    EXPECT_EQ(stop.exit_reason, 30u);
    EXPECT_EQ(stop.instruction_length, 2u);
    EXPECT_EQ(cpu.shared.stop_sequence, 1u);
}

TEST_F(Guest, OutSendsAsMuchAsItsSizeSays) {
    for (const auto& [size, data] : {std::pair{1u, 0x89u}, {2u, 0x6789u}, {4u, 0x23456789u}}) {
        reset();
        run();
        gprs.rax = 0xabcdef01'23456789;
        exit(ExitReason::io_instruction, io_port(0x60, static_cast<u8>(size)), 1);
        EXPECT_EQ(stop.size, size);
        EXPECT_EQ(stop.data, data);
    }
}

TEST_F(Guest, OutIsCompletedByMovingOn) {
    reset();
    run();
    gprs.rax = 0x41;
    set_field(Field::guest_rip, 0x100);
    set_field(Field::guest_interruptibility, mask(Interruptibility::blocking_by_sti));
    while_parked = [&] {
        EXPECT_EQ(field(Field::guest_rip), 0x100u) << "at the instruction";
        cpu.shared.run = {.completion = VISOR_COMPLETE_IO, .data = 0xffff};
    };
    exit(ExitReason::io_instruction, io_port(0xe9, 1), 2);
    EXPECT_EQ(field(Field::guest_rip), 0x102u);
    EXPECT_EQ(field(Field::guest_interruptibility), 0u);
    EXPECT_EQ(gprs.rax, 0x41u);
}

TEST_F(Guest, UncompletedIoIsTriedAgain) {
    reset();
    run();
    set_field(Field::guest_rip, 0x100);
    exit(ExitReason::io_instruction, io_port(0xe9, 1), 2);
    EXPECT_EQ(field(Field::guest_rip), 0x100u);
    cpu.shared.run.completion = VISOR_COMPLETE_IO;  // too late: the guest has run since
    command(VISOR_COMMAND_RUN);
    EXPECT_EQ(field(Field::guest_rip), 0x100u);
}

struct Input {
    u8 size;
    u32 data;
    u64 expected;
};

class Inputs : public Guest, public testing::WithParamInterface<Input> {};

TEST_P(Inputs, ReplaceWhatTheSizeSays) {
    reset();
    run();
    gprs.rax = 0x1122334455667788;
    while_parked = [&] {
        cpu.shared.run = {.completion = VISOR_COMPLETE_IO, .data = GetParam().data};
    };
    exit(ExitReason::io_instruction, io_port(0x60, GetParam().size) | io_in, 1);
    EXPECT_EQ(stop.in, 1);
    EXPECT_EQ(stop.data, 0u);
    EXPECT_EQ(gprs.rax, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Inputs,
                         testing::Values(Input{1, 0xabcdef01, 0x1122334455667701},
                                         Input{2, 0xabcdef01, 0x112233445566ef01},
                                         Input{4, 0xabcdef01, 0xabcdef01}));

TEST_F(Guest, ReservedIoSizeIsUnhandled) {
    reset();
    run();
    exit(ExitReason::io_instruction, 2);
    EXPECT_EQ(stop.reason, VISOR_STOP_UNHANDLED);
}

TEST_F(Guest, IoIsNotCompletedWhereTheGuestIsNoMore) {
    reset();
    run();
    gprs.rax = 7;
    set_field(Field::guest_rip, 0x100);
    while_parked = [&] {
        command(VISOR_COMMAND_GET_STATE);
        cpu.shared.group_data.regs.rip = 0x200;
        command(VISOR_COMMAND_SET_STATE);
        EXPECT_EQ(status(), VISOR_OK);
        cpu.shared.group_data.regs.rip = 0x100;  // back again: still a new start
        command(VISOR_COMMAND_SET_STATE);
        cpu.shared.run = {.completion = VISOR_COMPLETE_IO, .data = 0x99};
    };
    exit(ExitReason::io_instruction, io_port(0x60, 1) | io_in, 2);
    EXPECT_EQ(field(Field::guest_rip), 0x100u);
    EXPECT_EQ(gprs.rax, 7u);
}

// Its place is a linear address, whatever CS and IP it is made of.
TEST_F(Guest, IoIsNotCompletedInAnotherCodeSegment) {
    reset();
    run();
    gprs.rax = 7;
    set_field(Field::guest_cs_selector, 0x1000);
    set_field(Field::guest_cs_base, 0x10000);
    set_field(Field::guest_rip, 0x100);
    while_parked = [&] {
        command(VISOR_COMMAND_GET_STATE);
        cpu.shared.group_data.regs.cs.selector = 0x1010;
        cpu.shared.group_data.regs.cs.base = 0x10100;
        cpu.shared.group_data.regs.rip = 0x200;
        command(VISOR_COMMAND_SET_STATE);
        EXPECT_EQ(status(), VISOR_OK);
        cpu.shared.run = {.completion = VISOR_COMPLETE_IO, .data = 0x99};
    };
    exit(ExitReason::io_instruction, io_port(0x60, 1) | io_in, 2);
    EXPECT_EQ(gprs.rax, 7u);
    EXPECT_EQ(field(Field::guest_rip), 0x200u);
}

TEST_F(Guest, IoIsCompletedAfterOtherRegistersChanged) {
    reset();
    run();
    set_field(Field::guest_rip, 0x100);
    while_parked = [&] {
        command(VISOR_COMMAND_GET_STATE);
        cpu.shared.group_data.regs.gprs.rax = 0x5500;
        command(VISOR_COMMAND_SET_STATE);
        cpu.shared.run = {.completion = VISOR_COMPLETE_IO, .data = 0x99};
    };
    exit(ExitReason::io_instruction, io_port(0x60, 1) | io_in, 2);
    EXPECT_EQ(gprs.rax, 0x5599u);
    EXPECT_EQ(field(Field::guest_rip), 0x102u);
}

// Only in a shadow has a pending single step to say what TF says.
TEST_F(Guest, RunWithTfAndNoShadowLeavesNothingPending) {
    reset();
    set_field(Field::guest_rflags, mask(Rflags::fixed1, Rflags::tf));
    set_field(Field::guest_interruptibility, 0);
    set_field(Field::guest_pending_debug, 0);
    run();
    EXPECT_EQ(field(Field::guest_pending_debug), 0u);
}

TEST_F(Guest, SingleStepTrapsAfterACompletedInstruction) {
    reset();
    run();
    set_field(Field::guest_rflags, mask(Rflags::fixed1, Rflags::tf));
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_EQ(field(Field::guest_pending_debug), bit(14));
}

TEST_F(Guest, SingleStepOfBranchesTrapsAfterNoOtherInstruction) {
    constexpr u64 btf = bit(1);
    reset();
    run();
    set_field(Field::guest_rflags, mask(Rflags::fixed1, Rflags::tf));
    set_field(Field::guest_debugctl, btf);
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_EQ(field(Field::guest_pending_debug), 0u);
}

}  // namespace
}  // namespace rmv
