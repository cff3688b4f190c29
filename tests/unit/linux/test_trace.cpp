// SPDX-License-Identifier: GPL-2.0-only
// What the trace says of Linux's exits.
#include "exit/record.hpp"
#include "linux/machine.hpp"
#include "visor/last_resort.hpp"
#include "vmx/trace_event.hpp"

namespace rmv {
namespace {

class Traced : public Machine {
protected:
    Traced() {
        cpu.shared.watch = {.trace_on = 1, .overwrite = 1, .stats_on = 1};
        run_linux();
        set_field(Field::guest_rip, globals.text_begin + 0x40);
        set_field(Field::guest_cs_base, 0);
        set_field(Field::guest_cs_access_rights, 0xa09b);
    }
    void cpuid_of_leaf(u32 leaf);
    std::unique_ptr<Aligned> other = std::make_unique<Aligned>();
    const TraceRecord& last() const {
        return reinterpret_cast<const TraceRecord*>(
            ring->bytes + page_size)[(cpu.trace.head() - 1) % trace_records];
    }
};

TEST_F(Traced, NothingWhenItIsOff) {
    cpu.watch = 0;
    const u64 head = cpu.trace.head();
    exit(ExitReason::invd);
    EXPECT_EQ(cpu.trace.head(), head);
}

TEST_F(Traced, AnInstruction) { cpuid_of_leaf(1); }

// The record of the exit that has a way of its own says the same.
TEST_F(Traced, AnInstructionTheShortWay) {
    cpu.vmcs_launched = 1;
    cpuid_of_leaf(4);
    set_field(Field::guest_cs_access_rights, 0xc09b);
    gprs.rax = 4;
    gprs.rcx = 5;
    exit(ExitReason::cpuid);
    EXPECT_EQ(last().flags,
              RMVISOR_TRACE_F_PROTECTED | RMVISOR_TRACE_F_CODE32 | RMVISOR_TRACE_F_REGS);
}

void Traced::cpuid_of_leaf(u32 leaf) {
    gprs.rax = 0x1111'0000'0000 | leaf;
    gprs.rcx = 5;
    gprs.rdx = 6;
    fake::cpu().leaves[{leaf, 5}] = {9, 9, 9, 9};
    const u64 head = cpu.trace.head();
    ASSERT_EQ(exit(ExitReason::cpuid, 0x77), Next::enter);
    EXPECT_EQ(cpu.trace.head(), head + 1);
    const TraceRecord& record = last();
    EXPECT_EQ(record.type, RMVISOR_TRACE_EXIT);
    EXPECT_EQ(record.reason, 10u);
    EXPECT_EQ(record.action, RMVISOR_ACTION_SKIP);
    EXPECT_EQ(record.cpu, cpu_number);
    EXPECT_EQ(record.vm, 0u);
    EXPECT_EQ(record.rip, globals.text_begin + 0x40) << "of the instruction";
    EXPECT_EQ(record.insn_length, 3u);
    EXPECT_EQ(record.qualification, 0u) << "CPUID has none";
    EXPECT_EQ(record.rax, leaf) << "as it was at the exit";
    EXPECT_EQ(record.rcx, 5u);
    EXPECT_EQ(record.rdx, 6u);
    EXPECT_EQ(record.flags,
              RMVISOR_TRACE_F_PROTECTED | RMVISOR_TRACE_F_CODE64 | RMVISOR_TRACE_F_REGS);
    EXPECT_EQ(record.intr_info, 0u);
    EXPECT_NE(record.root_ticks, 0u);
}

TEST_F(Traced, CodeOfOtherSizes) {
    set_field(Field::guest_cs_access_rights, 0xc09b);
    exit(ExitReason::invd);
    EXPECT_EQ(last().flags,
              RMVISOR_TRACE_F_PROTECTED | RMVISOR_TRACE_F_CODE32 | RMVISOR_TRACE_F_REGS);
    set_field(Field::guest_cs_access_rights, 0x809b);
    exit(ExitReason::invd);
    EXPECT_EQ(last().flags, RMVISOR_TRACE_F_PROTECTED | RMVISOR_TRACE_F_REGS);
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
    ExitContext context{cpu, gprs};
    record_exit(context, static_cast<u32>(ExitReason::exception_or_nmi), Action::park);
    EXPECT_EQ(last().action, RMVISOR_ACTION_PARK);
}

TEST_F(Traced, TheRingGoesRound) {
    const u64 first = cpu.trace.head();
    for (u32 i = 0; i < trace_records + 3; ++i) {
        gprs.rcx = i;
        exit(ExitReason::invd);
    }
    EXPECT_EQ(cpu.trace.head(), first + trace_records + 3);
    EXPECT_EQ(last().rcx, trace_records + 2);
}

TEST_F(Traced, LatenciesAddUp) {
    exit(ExitReason::invd);
    exit(ExitReason::invd);
    const rmvisor_stats_entry& entry = cpu.stats.linux_exits[13];
    EXPECT_EQ(entry.count, 2u);
    EXPECT_NE(entry.ticks, 0u);
    u64 measured = 0;
    for (const u64 exits : entry.histogram) measured += exits;
    EXPECT_EQ(measured, 2u);
}

TEST_F(Traced, AFilterLeavesOut) {
    cpu.shared.watch.filter[0] = {
        RMV_FIELD_REASON, RMV_TEST_EQUAL, RMV_FILTER_ACCEPT, RMV_FILTER_REJECT, 0, 10};
    cpu.shared.watch.filter_steps = 1;
    cpu.shared.watch_request = 1;
    gprs.rax = static_cast<u64>(Call::watch);
    exit(ExitReason::vmcall);
    EXPECT_EQ(gprs.rax, call_done);
    EXPECT_EQ(cpu.shared.watch_done, 1u);
    const u64 head = cpu.trace.head();
    exit(ExitReason::invd);
    EXPECT_EQ(cpu.trace.head(), head);
    exit(ExitReason::cpuid);
    EXPECT_EQ(cpu.trace.head(), head + 1);
}

// A ring that makes no sense is not gone over to, and the rest is done all the same.
TEST_F(Traced, NonsenseForARingChangesNothing) {
    const u64 head = cpu.trace.head(), cr3 = globals.root_cr3;
    cpu.shared.ring.generation = 1;
    cpu.shared.ring.records = 65;
    cpu.shared.watch_request = 1;
    gprs.rax = static_cast<u64>(Call::watch);
    exit(ExitReason::vmcall);
    EXPECT_EQ(cpu.shared.watch_done, 1u);
    EXPECT_EQ(globals.root_cr3, cr3);
    EXPECT_EQ(cpu.trace.head(), head + 1);
}

TEST_F(Traced, EventsOfTheVisor) {
    set_field(Field::guest_pending_debug, 0);
    cpu.pending = PENDING_NMI;
    visor_handle_pending(&gprs, &cpu);
    EXPECT_EQ(last().type, RMVISOR_TRACE_NMI);
    EXPECT_EQ(last().qualification, u64{PENDING_NMI});
}

TEST_F(Traced, AnExceptionInRoot) {
    trace_root_fault(cpu, 14, 2, 0x1234);
    EXPECT_EQ(last().type, RMVISOR_TRACE_FAULT);
    EXPECT_EQ(last().reason, 14u);
    EXPECT_EQ(last().qualification, 2u);
    EXPECT_EQ(last().rip, 0x1234u);
    EXPECT_EQ(last().vm, 0u);
    const u64 head = cpu.trace.head();
    cpu.watch = 0;
    trace_root_fault(cpu, 14, 2, 0x1234);
    EXPECT_EQ(cpu.trace.head(), head);
}

TEST_F(Traced, AnEventOfAGuestNamesIt) {
    cpu.rm.vm = 7;
    cpu.rm.vcpu_id = 3;
    const struct {
        Mode mode;
        u16 vm, vcpu;
    } cases[] = {{Mode::linux_guest, 0, 0}, {Mode::rm_guest, 7, 3}, {Mode::parked, 7, 3}};
    const Mode before = cpu.mode;
    for (const auto& [mode, vm, vcpu] : cases) {
        cpu.mode = mode;
        trace_event(cpu, RMVISOR_TRACE_NMI, insn::rdtsc(), 5);
        EXPECT_EQ(last().vm, vm);
        EXPECT_EQ(last().vcpu, vcpu);
        EXPECT_LT(last().root_ticks, 1'000'000u);
    }
    cpu.mode = before;
}

TEST_F(Traced, AnInitThatMakesABareCpu) {
    EXPECT_TRUE(stands_still([this] {
        Vmcs vmcs;
        become_bare_cpu(cpu, vmcs);
    }));
    EXPECT_EQ(last().type, RMVISOR_TRACE_INIT);
    EXPECT_EQ(last().qualification, 0u);
}

// An address comes with EPT violations alone.
TEST_F(Traced, AnAccessToAPort) {
    set_field(Field::guest_physical_address, 0x1234000);
    exit(ExitReason::io_instruction, u64{0x80} << 16);
    EXPECT_EQ(last().reason, static_cast<u32>(ExitReason::io_instruction));
    EXPECT_EQ(last().flags & RMVISOR_TRACE_F_PHYSICAL, 0u);
}

TEST_F(Traced, NothingIsWishedFor) {
    cpu.shared.watch = {};
    cpu.shared.watch_request = 4;
    gprs.rax = static_cast<u64>(Call::watch);
    exit(ExitReason::vmcall);
    EXPECT_EQ(cpu.watch, 0u);
}

TEST_F(Traced, AFailedEntryHasItsReasonOrItsError) {
    set_field(Field::host_cr3, bit(60));
    set_field(Field::exit_qualification, 0);
    set_field(Field::instruction_error, 8);
    EXPECT_EQ(visor_handle_entry_failure(&gprs, &cpu), Next::leave);
    EXPECT_EQ(last().type, RMVISOR_TRACE_ENTRY_FAILED);
    EXPECT_EQ(last().qualification, 8u);
}

TEST_F(Traced, AFailedEntryThatExitsHasItsReason) {
    set_field(Field::instruction_error, 8);
    EXPECT_EQ(raw_exit(bit(31) | 33), Next::leave);
    EXPECT_EQ(last().type, RMVISOR_TRACE_ENTRY_FAILED);
    EXPECT_EQ(last().qualification, bit(31) | 33);
}

// A new ring in a call of Linux: its VMCS gets the new map of memory.
TEST_F(Traced, ANewRingOfLinux) {
    cpu.shared.ring = {reinterpret_cast<u64>(other->bytes), trace_records, 9, 0x7000, 0x8801e};
    cpu.shared.watch_request = 4;
    gprs.rax = static_cast<u64>(Call::watch);
    exit(ExitReason::vmcall);
    EXPECT_EQ(field(Field::ept_pointer), 0x8801eu);
    EXPECT_EQ(field(Field::host_cr3), 0x7000u);
    EXPECT_EQ(globals.linux_ept_pointer, 0x8801eu);
    EXPECT_EQ(cpu.shared.watch_done, 4u);
}

}  // namespace
}  // namespace rmv
