// SPDX-License-Identifier: GPL-2.0-only
// What the trace says of a guest's exits, and what becomes of a new ring while a guest has the CPU.
#include "exit/record.hpp"
#include "rm_guest/with_apic.hpp"
#include "vmx/watch.hpp"

namespace rmv {
namespace {

constexpr u32 trace_records = 64;
constexpr u64 new_tables = 0x7000, new_linux_map = 0x8801e;

struct alignas(page_size) Ring {
    u8 bytes[page_size + trace_records * sizeof(TraceRecord)];
};

class TracedGuest : public WithApic {
protected:
    TracedGuest() {
        wish(*first, 1);
        follow_watch_natively(cpu);
    }
    // Linux wishes for a trace, in a ring of its own.
    void wish(const Ring& ring, u32 generation) {
        cpu.shared.ring = {reinterpret_cast<u64>(ring.bytes), trace_records, generation, new_tables,
                           new_linux_map};
        cpu.shared.watch = {.trace_on = 1, .overwrite = 1, .stats_on = 1};
        ++cpu.shared.watch_request;
    }
    void start_traced() {
        start();
        exit_traced(ExitReason::cpuid);
    }
    const TraceRecord& exit_traced(ExitReason reason, u64 qualification = 0, u32 length = 1) {
        exit_is(reason, qualification, length);
        set_field(Field::exit_reason, static_cast<u32>(reason));
        EXPECT_EQ(visor_handle_exit(&gprs, &cpu), Next::enter);
        return last(*first);
    }
    const TraceRecord& last(const Ring& ring) const {
        return reinterpret_cast<const TraceRecord*>(
            ring.bytes + page_size)[(cpu.trace.head() - 1) % trace_records];
    }

    std::unique_ptr<Ring> first = std::make_unique<Ring>(), second = std::make_unique<Ring>();
};

TEST_F(TracedGuest, AnExitNamesTheGuestAndItsCode) {
    cpu.shared.vm = 5;
    start_traced();
    set_field(Field::guest_cs_base, 0x12340);
    set_field(Field::guest_rip, 0x77);
    const TraceRecord& record = exit_traced(ExitReason::cpuid, 0, 2);
    EXPECT_EQ(record.reason, static_cast<u32>(ExitReason::cpuid));
    EXPECT_EQ(record.vm, 5u);
    EXPECT_EQ(record.rip, 0x77u);
    EXPECT_EQ(record.cs_base, 0x12340u);
    EXPECT_EQ(record.flags, RMVISOR_TRACE_F_REGS) << "no address, no protected mode";
}

TEST_F(TracedGuest, StringIoHasAnAddressAndACountAndOtherIoRegisters) {
    constexpr u64 outsb = 0x3f80010, outb = 0x3f80000;
    start_traced();
    gprs.rcx = 7;
    const auto record_of = [this](u64 qualification) {
        exit_is(ExitReason::io_instruction, qualification, 2);
        set_field(Field::exit_instruction_info, 0x18000);
        set_field(Field::guest_linear_address, 0x54321);
        ExitContext context{cpu, gprs};
        record_exit(context, static_cast<u32>(ExitReason::io_instruction), Action::skip);
        return last(*first);
    };
    const TraceRecord string = record_of(outsb);
    EXPECT_EQ(string.flags, RMVISOR_TRACE_F_STRING | RMVISOR_TRACE_F_LINEAR);
    EXPECT_EQ(string.linear_address, 0x54321u);
    EXPECT_EQ(string.insn_info, 0x18000u);
    EXPECT_EQ(string.count, 7u);
    const TraceRecord value = record_of(outb);
    EXPECT_EQ(value.flags, RMVISOR_TRACE_F_REGS);
    EXPECT_EQ(value.rcx, 7u);
}

TEST_F(TracedGuest, AnAccessWithoutALinearAddressHasNone) {
    constexpr u64 page_walk_of_pdptes = 0x1;  // a read; bit 7 is clear
    start_traced();
    exit_is(ExitReason::ept_violation, page_walk_of_pdptes);
    set_field(Field::guest_physical_address, 0x1234000);
    ExitContext context{cpu, gprs};
    record_exit(context, static_cast<u32>(ExitReason::ept_violation), Action::stop);
    EXPECT_EQ(last(*first).guest_physical, 0x1234000u);
    EXPECT_EQ(last(*first).flags & (RMVISOR_TRACE_F_PHYSICAL | RMVISOR_TRACE_F_LINEAR),
              RMVISOR_TRACE_F_PHYSICAL);
}

TEST_F(TracedGuest, AnExceptionHasItsErrorCodeIfThereIsOne) {
    constexpr u32 page_fault = 0x80000b0e, breakpoint = 0x80000603;
    start_traced();
    const auto record_of = [this](u32 info) {
        exit_is(ExitReason::exception_or_nmi);
        set_field(Field::exit_interruption_info, info);
        set_field(Field::exit_interruption_error_code, 6);
        ExitContext context{cpu, gprs};
        record_exit(context, static_cast<u32>(ExitReason::exception_or_nmi), Action::resume);
        return last(*first);
    };
    const TraceRecord with = record_of(page_fault);
    EXPECT_EQ(with.intr_info, page_fault);
    EXPECT_EQ(with.error_code, 6u);
    EXPECT_EQ(with.flags, RMVISOR_TRACE_F_REGS | RMVISOR_TRACE_F_ERROR_CODE);
    const TraceRecord without = record_of(breakpoint);
    EXPECT_EQ(without.intr_info, breakpoint);
    EXPECT_EQ(without.error_code, 0u);
    EXPECT_EQ(without.flags, RMVISOR_TRACE_F_REGS);
}

TEST_F(TracedGuest, ALongModeSegmentCountsInLongModeAlone) {
    constexpr u32 code64 = 0xa09b, code32 = 0xc09b, both = 0xe09b;
    constexpr u64 long_mode = mask(Efer::lme, Efer::lma);
    constexpr u32 is_64 = RMVISOR_TRACE_F_CODE64, is_32 = RMVISOR_TRACE_F_CODE32;
    const struct {
        u32 rights;
        u64 efer;
        u32 flags;
    } cases[] = {{code64, 0, 0},
                 {code64, long_mode, is_64},
                 {code32, 0, is_32},
                 {code32, long_mode, is_32},
                 {both, 0, is_32}};
    start_traced();
    for (const auto& [rights, efer, flags] : cases) {
        set_field(Field::guest_cs_access_rights, rights);
        set_field(Field::guest_efer, efer);
        EXPECT_EQ(exit_traced(ExitReason::cpuid).flags & (is_64 | is_32), flags)
            << std::hex << rights << ' ' << efer;
    }
}

// Root's tables are new, the guest's map is not Linux's.
TEST_F(TracedGuest, ANewRingLeavesTheGuestsMapAlone) {
    start_traced();
    const u64 map = field(Field::ept_pointer);
    const auto flushes = fake::vmx().invepts.size();
    wish(*second, 2);
    exit_traced(ExitReason::cpuid);
    EXPECT_EQ(field(Field::ept_pointer), map);
    EXPECT_EQ(field(Field::host_cr3), new_tables);
    EXPECT_EQ(globals.linux_ept_pointer, new_linux_map);
    EXPECT_EQ(fake::vmx().invepts.size(), flushes);
    EXPECT_EQ(cpu.shared.watch_done, cpu.shared.watch_request);
}

TEST_F(TracedGuest, ANewRingWhileTheGuestIsHalted) {
    start_traced();
    enable();
    set_field(Field::guest_rflags, 0x202);
    const u64 map = field(Field::ept_pointer);
    unsigned turns = 0;
    waiting_exit(ExitReason::hlt, [&] {
        if (++turns == 1) wish(*second, 2);
        if (turns == 3) {
            EXPECT_TRUE(cpu.rm_inbox.post_vector(tag(), 0x51));
        }
        ASSERT_LT(turns, 10u);
    });
    EXPECT_EQ(field(Field::ept_pointer), map);
    EXPECT_EQ(field(Field::host_cr3), new_tables);
    EXPECT_EQ(cpu.shared.watch_done, cpu.shared.watch_request);
}

TEST_F(TracedGuest, ANewRingWithAnNmiThatHitRoot) {
    start_traced();
    const u64 map = field(Field::ept_pointer);
    wish(*second, 2);
    cpu.pending = PENDING_NMI;
    EXPECT_EQ(visor_handle_pending(&gprs, &cpu), Next::enter);
    EXPECT_EQ(field(Field::ept_pointer), map);
    EXPECT_EQ(cpu.shared.watch_done, cpu.shared.watch_request);
}

// What a reason does not come with is not read.
TEST_F(TracedGuest, AnInterruptOfTheMachineHasNoAddress) {
    start_traced();
    const TraceRecord& record = exit_traced(ExitReason::external_interrupt);
    EXPECT_EQ(record.flags & (RMVISOR_TRACE_F_PHYSICAL | RMVISOR_TRACE_F_LINEAR), 0u);
}

TEST_F(TracedGuest, AWishIsFollowedByAParkedCpu) {
    start();
    const u64 map = field(Field::ept_pointer);
    unsigned turns = 0;
    exit_is(ExitReason::io_instruction, u64{0x80} << 16, 2);
    fake::cpu().on_pause = [&] {
        if (++turns == 1) wish(*second, 2);
        if (turns == 3) {
            EXPECT_EQ(cpu.shared.watch_done, cpu.shared.watch_request);
            cpu.shared.kick = 0;
            cpu.shared.command = VISOR_COMMAND_RUN;
        }
        ASSERT_LT(turns, 10u);
    };
    ExitContext context{cpu, gprs};
    EXPECT_EQ(handle_rm_exit(context, static_cast<u32>(ExitReason::io_instruction)), Next::enter);
    fake::cpu().on_pause = nullptr;
    EXPECT_GE(turns, 3u);
    EXPECT_EQ(field(Field::ept_pointer), map) << "the VMCS is the stopped guest's";
    EXPECT_EQ(field(Field::host_cr3), new_tables);
}

// Without an APIC nothing of the guest's waits in root.
TEST_F(TracedGuest, AWishIsFollowedByTheNextExit) {
    cpu.shared.apic = VISOR_APIC_NONE;
    start_traced();
    wish(*second, 2);
    exit_traced(ExitReason::cpuid);
    EXPECT_EQ(cpu.shared.watch_done, cpu.shared.watch_request);
    EXPECT_EQ(field(Field::host_cr3), new_tables);
}

TEST_F(TracedGuest, AWishIsFollowedByTheNextNmi) {
    cpu.shared.apic = VISOR_APIC_NONE;
    start_traced();
    wish(*second, 2);
    cpu.pending = PENDING_NMI;
    EXPECT_EQ(visor_handle_pending(&gprs, &cpu), Next::enter);
    EXPECT_EQ(cpu.shared.watch_done, cpu.shared.watch_request);
}

}  // namespace
}  // namespace rmv
