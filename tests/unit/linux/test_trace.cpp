// SPDX-License-Identifier: GPL-2.0-only
// What the trace says of Linux's exits.
#include "linux/machine.hpp"

namespace rmv {
namespace {

class Traced : public Machine {
protected:
    Traced() {
        run_linux();
        set_field(Field::guest_rip, globals.text_begin + 0x40);
        set_field(Field::guest_cs_base, 0);
        set_field(Field::guest_cs_access_rights, 0xa09b);
        cpu.shared.trace_on = 1;
    }
    const TraceRecord& last() const {
        return reinterpret_cast<const TraceRecord*>(
            ring->bytes)[(cpu.shared.trace_head - 1) % trace_records];
    }
};

TEST_F(Traced, NothingWhenItIsOff) {
    cpu.shared.trace_on = 0;
    const u64 head = cpu.shared.trace_head;
    exit(ExitReason::invd);
    EXPECT_EQ(cpu.shared.trace_head, head);
}

TEST_F(Traced, AnInstruction) {
    gprs.rax = 0x1111'0000'0001;
    gprs.rcx = 5;
    gprs.rdx = 6;
    fake::cpu().leaves[{1, 5}] = {9, 9, 9, 9};
    ASSERT_EQ(exit(ExitReason::cpuid, 0x77), Next::enter);
    const TraceRecord& record = last();
    EXPECT_EQ(record.type, RMVISOR_TRACE_EXIT);
    EXPECT_EQ(record.reason, 10u);
    EXPECT_EQ(record.action, RMVISOR_ACTION_SKIP);
    EXPECT_EQ(record.cpu, cpu_number);
    EXPECT_EQ(record.vm, 0u);
    EXPECT_EQ(record.rip, globals.text_begin + 0x40) << "of the instruction";
    EXPECT_EQ(record.insn_length, 3u);
    EXPECT_EQ(record.qualification, 0x77u);
    EXPECT_EQ(record.rax, 1u) << "as it was at the exit";
    EXPECT_EQ(record.rcx, 5u);
    EXPECT_EQ(record.rdx, 6u);
    EXPECT_EQ(record.flags, RMVISOR_TRACE_F_CODE64 | RMVISOR_TRACE_F_REGS);
    EXPECT_EQ(record.intr_info, 0u);
    EXPECT_NE(record.root_ticks, 0u);
}

TEST_F(Traced, CodeOfOtherSizes) {
    set_field(Field::guest_cs_access_rights, 0xc09b);
    exit(ExitReason::invd);
    EXPECT_EQ(last().flags, RMVISOR_TRACE_F_CODE32 | RMVISOR_TRACE_F_REGS);
    set_field(Field::guest_cs_access_rights, 0x809b);
    exit(ExitReason::invd);
    EXPECT_EQ(last().flags, RMVISOR_TRACE_F_REGS);
}

TEST_F(Traced, AStrayWrite) {
    exit(ExitReason::invd);
    set_field(Field::exit_qualification, 0x18a);
    set_field(Field::guest_physical_address, 0x1234000);
    set_field(Field::guest_linear_address, 0x5678);
    raw_exit(48);
    EXPECT_EQ(last().guest_physical, 0x1234000u);
    EXPECT_EQ(last().linear_address, 0x5678u);
    EXPECT_EQ(last().flags & (RMVISOR_TRACE_F_PHYSICAL | RMVISOR_TRACE_F_LINEAR),
              RMVISOR_TRACE_F_PHYSICAL | RMVISOR_TRACE_F_LINEAR);
    EXPECT_EQ(last().action, RMVISOR_ACTION_INJECT);
    EXPECT_EQ(last().insn_length, 0u);
}

TEST_F(Traced, EachAction) {
    gprs.rax = static_cast<u64>(Call::leave);
    exit(ExitReason::vmcall);
    EXPECT_EQ(last().action, RMVISOR_ACTION_LEAVE);
    cpu.leave = {};
    exit(ExitReason::hlt);
    EXPECT_EQ(last().action, RMVISOR_ACTION_NONE);
}

TEST_F(Traced, TheRingGoesRound) {
    const u64 first = cpu.shared.trace_head;
    for (u32 i = 0; i < trace_records + 3; ++i) exit(ExitReason::invd, i);
    EXPECT_EQ(cpu.shared.trace_head, first + trace_records + 3);
    EXPECT_EQ(last().qualification, trace_records + 2);
}

TEST_F(Traced, EventsOfTheVisor) {
    set_field(Field::guest_pending_debug, 0);
    cpu.pending = PENDING_NMI;
    visor_handle_pending(&gprs, &cpu);
    EXPECT_EQ(last().type, RMVISOR_TRACE_NMI);
    EXPECT_EQ(last().qualification, u64{PENDING_NMI});
}

}  // namespace
}  // namespace rmv
