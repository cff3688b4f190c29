// SPDX-License-Identifier: GPL-2.0-only
// Exits as a whole: what each reason leads to, stops, events under way, failures.
#include "rm_guest/exits.hpp"
#include "rm_guest/guest.hpp"

namespace rmv {
namespace {

class Exits : public Guest {
protected:
    void SetUp() override {
        reset();
        run();
        set_field(Field::guest_rip, 0x100);
    }
};

TEST_F(Exits, HltStopsBehindTheInstruction) {
    while_parked = [&] { EXPECT_EQ(field(Field::guest_rip), 0x101u); };
    exit(ExitReason::hlt);
    EXPECT_EQ(stop.reason, VISOR_STOP_HLT);
    EXPECT_EQ(stop.exit_reason, 12u);
    EXPECT_EQ(cpu.stats.guest_exits[12].count, 1u);
}

TEST_F(Exits, CpuidAnswersZerosWithoutATable) {
    gprs.rax = gprs.rbx = gprs.rcx = gprs.rdx = ~u64{0};
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_EQ(gprs.rax | gprs.rbx | gprs.rcx | gprs.rdx, 0u);
    EXPECT_EQ(field(Field::guest_rip), 0x102u);
    EXPECT_FALSE(stopped());
}

TEST_F(Exits, TripleFaultIsShutdown) {
    exit(ExitReason::triple_fault);
    EXPECT_EQ(stop.reason, VISOR_STOP_SHUTDOWN);
    EXPECT_EQ(field(Field::guest_rip), 0x100u);
}

TEST_F(Exits, CacheFlushesAreWriteBack) {
    exit(ExitReason::invd, 0, 2);
    exit(ExitReason::wbinvd_or_wbnoinvd, 0, 2);
    EXPECT_EQ(fake::cpu().wbinvds, 2u);
    EXPECT_EQ(field(Field::guest_rip), 0x104u);
}

TEST_F(Exits, StrayInterruptIsEnded) {
    exit(ExitReason::external_interrupt);
    EXPECT_FALSE(stopped());
    ASSERT_EQ(fake::cpu().msr_writes.size(), 1u);
    EXPECT_EQ(fake::cpu().msr_writes[0], (fake::MsrWrite{Msr::x2apic_eoi, 0}));
}

TEST_F(Exits, StrayInterruptIsEndedInXapicMode) {
    globals.x2apic = false;
    exit(ExitReason::external_interrupt);
    EXPECT_FALSE(stopped());
    const std::vector<std::pair<u64, u32>> writes{{root_apic_virtual + 0xb0, 0}};
    EXPECT_EQ(fake::cpu().mmio_writes, writes);
    EXPECT_TRUE(fake::cpu().msr_writes.empty());
}

TEST_F(Exits, RdpmcIsGeneralProtection) {
    exit(ExitReason::rdpmc, 0, 2);
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, 13);
}

TEST_F(Exits, MemoryOutsideTheGuestStopsWithBothAddresses) {
    exit_is(ExitReason::ept_violation, 0x182, 3);
    set_field(Field::guest_physical_address, 0xa0000);
    set_field(Field::guest_linear_address, 0xa0000 + 0x10);
    exit(static_cast<u32>(ExitReason::ept_violation));
    EXPECT_EQ(stop.reason, VISOR_STOP_MEMORY);
    EXPECT_EQ(stop.guest_physical, 0xa0000u);
    EXPECT_EQ(stop.guest_linear, 0xa0010u);
    EXPECT_EQ(stop.qualification, 0x182u);
    EXPECT_EQ(field(Field::guest_rip), 0x100u);
}

TEST_F(Exits, StaleExitInformationStaysInside) {
    exit_is(ExitReason::task_switch, 0x28);
    set_field(Field::guest_physical_address, 0xa0000);
    set_field(Field::guest_linear_address, 0xa0010);
    set_field(Field::exit_interruption_info, 0x202);
    exit(static_cast<u32>(ExitReason::task_switch));
    EXPECT_EQ(stop.reason, VISOR_STOP_UNHANDLED);
    EXPECT_EQ(stop.guest_physical | stop.guest_linear | stop.intr_info, 0u);
    EXPECT_EQ(stop.qualification, 0x28u);
}

// A guest whose stack is not mapped: the interrupt is delivered once it is.
TEST_F(Exits, EventUnderWayIsNotLost) {
    exit_is(ExitReason::ept_violation, 0x182, 2);
    set_field(Field::idt_vectoring_info, 0x80000400 | 0x10);
    exit(static_cast<u32>(ExitReason::ept_violation));
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, 0x10);
    EXPECT_EQ(injected()->type, InterruptionType::software_interrupt);
    EXPECT_EQ(field(Field::entry_instruction_length), 2u);
}

// A broadcast from elsewhere in the machine.
TEST_F(Exits, MachineCheckIsAcknowledged) {
    fake::cpu().set(Msr::mcg_status, 0x5);  // MCIP, RIPV
    exit_is(ExitReason::exception_or_nmi);
    set_field(Field::exit_interruption_info, 0x80000312);
    exit(0u);
    EXPECT_FALSE(stopped());
    EXPECT_EQ(fake::cpu().rdmsr(Msr::mcg_status), 0u);
    EXPECT_EQ(cpu.shared.machine_checks, 1u);
    EXPECT_FALSE(injected());
}

TEST_F(Exits, MachineCheckWithoutRestartAddressStops) {
    fake::cpu().set(Msr::mcg_status, 0x4);
    exit_is(ExitReason::exception_or_nmi);
    set_field(Field::exit_interruption_info, 0x80000312);
    exit(0u);
    EXPECT_EQ(stop.reason, VISOR_STOP_UNHANDLED);
    EXPECT_EQ(fake::cpu().rdmsr(Msr::mcg_status), 0u);
    EXPECT_EQ(stop.intr_info, 0x80000312u);
    EXPECT_EQ(fake::entry_calls().unblocked_nmis, 0u);
}

TEST_F(Exits, FailedVmreadStops) {
    exit_is(ExitReason::io_instruction);
    fake::vmx().remove(Field::exit_qualification);
    exit(static_cast<u32>(ExitReason::io_instruction));
    EXPECT_EQ(stop.reason, VISOR_STOP_VMX_ERROR);
    EXPECT_EQ(stop.instruction_error, static_cast<u32>(fake::VmError::unsupported_component));
    EXPECT_EQ(stop.exit_reason, 30u);
}

TEST_F(Exits, FailedFlushStops) {
    exit_is(ExitReason::cr_access, 0, 3);  // MOV CR0, EAX
    gprs.rax = 0x11;
    for (unsigned skip = 0; stop.reason != VISOR_STOP_VMX_ERROR; ++skip) {
        ASSERT_LT(skip, 100u);
        fake::vmx().fail_after(skip);
        exit(static_cast<u32>(ExitReason::cr_access));
    }
    EXPECT_EQ(cpu.shared.state, VISOR_CPU_RUNNING) << "and can be run again";
}

TEST_F(Exits, FailedEntryIsNotAnExit) {
    cpu.vmcs_launched = 0;
    exit_is(ExitReason::entry_failure_guest_state, 4);
    while_parked = [&] { EXPECT_EQ(cpu.vmcs_launched, 0u); };
    exit(0x80000021);
    EXPECT_EQ(stop.reason, VISOR_STOP_ENTRY_FAILED);
    EXPECT_EQ(stop.exit_reason, 0x80000021u);
    EXPECT_EQ(stop.qualification, 4u);
    EXPECT_EQ(cpu.stats.guest_exits[33].count, 1u);
}

TEST_F(Exits, FailedEntryNamesTheRule) {
    set_field(Field::guest_rflags, 0);
    exit_is(ExitReason::entry_failure_guest_state);
    exit(0x80000021);
    ASSERT_NE(stop.rule, 0u);
    EXPECT_NE(std::string{visor_entry_rule_text(stop.rule)}.find("RFLAGS"), std::string::npos)
        << visor_entry_rule_text(stop.rule);
}

TEST_F(Exits, VmfailOfAnEntryStopsWithItsError) {
    set_field(Field::instruction_error, 7);
    fake::cpu().on_pause = [&] {
        stop = cpu.shared.stop;
        cpu.shared.command = VISOR_COMMAND_RUN;
    };
    EXPECT_EQ(handle_rm_entry_failure(gprs, cpu), Next::enter);
    EXPECT_EQ(stop.reason, VISOR_STOP_ENTRY_FAILED);
    EXPECT_EQ(stop.instruction_error, 7u);
    EXPECT_EQ(stop.exit_reason, 0u);
}

TEST_F(Exits, RegistersSurviveAStop) {
    u64 next = 0x10;
    for (u64* gpr = &gprs.rax; gpr <= &gprs.r15; ++gpr) *gpr = ++next;
    const rmv_gprs before = gprs;
    fake::cpu().cr2 = 0x1234;
    while_parked = [&] {
        gprs = {};  // root's frame is nobody's meanwhile
        fake::cpu().cr2 = 0;
    };
    exit(ExitReason::hlt);
    EXPECT_EQ(gprs.rax, before.rax);
    EXPECT_EQ(gprs.r15, before.r15);
    EXPECT_EQ(gprs.rdi, before.rdi);
    EXPECT_EQ(fake::cpu().cr2, 0x1234u);
}

TEST_F(Exits, FirstExitMakesTheVmcsLaunched) {
    cpu.vmcs_launched = 0;
    exit(ExitReason::cpuid, 0, 2);
    EXPECT_EQ(cpu.vmcs_launched, 1u);
}

// Each reason there is, and some that there are not, leads somewhere on purpose.
TEST_F(Exits, NoReasonIsSkippedByAccident) {
    const std::vector<u32> undefined_opcode = {11, 17, 18, 19, 20, 21, 22, 23, 24, 25,
                                               26, 27, 36, 39, 50, 51, 53, 55, 58, 59,
                                               60, 63, 64, 65, 67, 68, 69, 70, 76, 77};
    const std::vector<u32> done = {1, 3, 7, 8, 10, 13, 29, 52, 54};
    const std::vector<u32> stops_by_name = {2, 12, 30, 48};
    const std::vector<u32> elsewhere = {0, 15, 28, 31, 32};  // their own tests
    const auto in = [](const std::vector<u32>& list, u32 reason) {
        return std::find(list.begin(), list.end(), reason) != list.end();
    };
    for (u32 reason = 0; reason < 0x100; ++reason) {
        if (in(elsewhere, reason)) continue;
        set_field(Field::entry_interruption_info, 0);
        set_field(Field::guest_rip, 0x100);
        exit_is(ExitReason{static_cast<u16>(reason)}, 0, 2);
        exit(reason);
        const bool is_ud = injected() && injected()->vector == 6;
        EXPECT_EQ(is_ud, in(undefined_opcode, reason)) << reason;
        EXPECT_EQ(stopped(), !is_ud && !in(done, reason)) << reason;
        if (stopped()) {
            EXPECT_EQ(stop.reason == VISOR_STOP_UNHANDLED, !in(stops_by_name, reason)) << reason;
        }
        if (stopped() && stop.reason == VISOR_STOP_UNHANDLED) {
            EXPECT_EQ(field(Field::guest_rip), 0x100u) << reason;
        }
    }
}

}  // namespace
}  // namespace rmv
