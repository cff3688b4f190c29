// SPDX-License-Identifier: GPL-2.0-only
// NMIs and machine checks: of Linux, in root, while a CPU is taken, and on the way out of VMX.
#include "linux/machine.hpp"
#include "vmx/leave.hpp"

namespace rmv {
namespace {

class Nmi : public Machine {
protected:
    Nmi() {
        run_linux();
        set_field(Field::guest_pending_debug, 0);
        set_field(Field::idt_vectoring_info, 0);
    }
    Next pending(u32 what) {
        cpu.pending = what;
        return visor_handle_pending(&gprs, &cpu);
    }
    bool timer_is_zero() const {
        return has(field(Field::pin_based_controls), Pin::preemption_timer) &&
               field(Field::preemption_timer_value) == 0;
    }
    Next nmi_exit() {
        set_field(Field::exit_interruption_info, nmi_event);
        set_field(Field::exit_qualification, 0);
        return raw_exit(0);
    }
};

TEST_F(Nmi, OneThatHitRootIsDeliveredAtTheEntry) {
    set_field(Field::guest_interruptibility, 9);  // STI, and a stale blocking bit
    EXPECT_EQ(pending(PENDING_NMI), Next::enter);
    EXPECT_EQ(injected(), nmi_event);
    EXPECT_EQ(field(Field::guest_interruptibility), 0u);
    EXPECT_EQ(cpu.shared.nmi_in_root, 1u);
    EXPECT_EQ(cpu.shared.nmi_injected, 1u);
    EXPECT_EQ(cpu.pending, 0u);
    EXPECT_FALSE(timer_is_zero());
}

TEST_F(Nmi, AMachineCheckGoesFirst) {
    EXPECT_EQ(pending(PENDING_NMI | PENDING_MACHINE_CHECK), Next::enter);
    EXPECT_EQ(injected(), machine_check_event);
    EXPECT_EQ(cpu.deferred, u32{PENDING_NMI});
    EXPECT_TRUE(timer_is_zero());
    set_field(Field::entry_interruption_info, 0);  // it was delivered
    EXPECT_EQ(raw_exit(52), Next::enter);
    EXPECT_EQ(injected(), nmi_event);
    EXPECT_EQ(cpu.deferred, 0u);
    EXPECT_FALSE(timer_is_zero());
}

TEST_F(Nmi, AnEntryThatInjectsAlreadyIsFollowedByAnother) {
    set_field(Field::entry_interruption_info, ud);
    EXPECT_EQ(pending(PENDING_NMI), Next::enter);
    EXPECT_EQ(injected(), ud);
    EXPECT_TRUE(timer_is_zero());
    EXPECT_EQ(cpu.deferred, u32{PENDING_NMI});
}

// An NMI whose delivery was interrupted has set blocking, which its injection needs clear; what
// another event finds stays.
TEST_F(Nmi, AnInterruptedDeliveryComesFirst) {
    constexpr u32 blocked = 8, page_fault = 0x80000b0e;
    for (const u32 event : {nmi_event, page_fault}) {
        EXPECT_EQ(pending(PENDING_NMI | PENDING_MACHINE_CHECK), Next::enter);
        set_field(Field::entry_interruption_info, 0);
        set_field(Field::idt_vectoring_info, event);
        set_field(Field::idt_vectoring_error_code, 2);
        set_field(Field::guest_interruptibility, blocked);
        EXPECT_EQ(raw_exit(52), Next::enter);
        EXPECT_EQ(injected(), event);
        EXPECT_EQ(field(Field::guest_interruptibility), event == nmi_event ? 0 : blocked);
        EXPECT_EQ(cpu.deferred, u32{PENDING_NMI});
        EXPECT_TRUE(timer_is_zero());
        cpu.deferred = 0;
        set_field(Field::entry_interruption_info, 0);
        set_field(Field::idt_vectoring_info, 0);
    }
}

// A debug trap that is due comes before the event that would be injected.
TEST_F(Nmi, ADebugTrapGoesFirst) {
    set_field(Field::guest_pending_debug, bit(14));
    EXPECT_EQ(pending(PENDING_NMI), Next::enter);
    EXPECT_EQ(injected() & 0x80000000, 0u);
    EXPECT_TRUE(timer_is_zero());
    set_field(Field::guest_interruptibility, 2);  // MOV SS holds it back
    cpu.deferred = 0;
    EXPECT_EQ(pending(PENDING_NMI), Next::enter);
    EXPECT_EQ(injected(), nmi_event);
}

TEST_F(Nmi, ATimerNobodySetIsGivenUp) {
    set_field(Field::exit_qualification, 0);
    EXPECT_EQ(raw_exit(52), Next::enter);
    EXPECT_TRUE(cpu.leave.pending);
    EXPECT_EQ(cpu.shared.fault.exit_reason, 52u);
}

TEST_F(Nmi, AnExitOfACpuThatIsNotTakenIsGivenUp) {
    EXPECT_EQ(nmi_exit(), Next::enter);
    EXPECT_TRUE(cpu.leave.pending);
}

TEST_F(Nmi, AnExceptionThatExitsIsGivenUp) {
    cpu.taking = true;
    set_field(Field::exit_interruption_info, 0x80000b0e);
    set_field(Field::exit_qualification, 0);
    EXPECT_EQ(raw_exit(0), Next::enter);
    EXPECT_TRUE(cpu.leave.pending);
}

TEST_F(Nmi, ACpuThatIsTakenGetsItsNmisUntilItIsDead) {
    cpu.taking = true;
    EXPECT_EQ(nmi_exit(), Next::enter);
    EXPECT_EQ(injected(), nmi_event);
    EXPECT_EQ(fake::entry_calls().unblocked_nmis, 1u);
    cpu.shared.dead = 1;
    cpu.shared.command = VISOR_COMMAND_GIVE_BACK;
    EXPECT_EQ(nmi_exit(), Next::enter);
    EXPECT_FALSE(cpu.taking);
    EXPECT_EQ(cpu.nmi_returns_by_iret, 0u) << "given back at once";
}

TEST_F(Nmi, OneInRootParksADeadCpu) {
    cpu.taking = true;
    cpu.shared.dead = 1;
    cpu.shared.command = VISOR_COMMAND_GIVE_BACK;
    EXPECT_EQ(pending(PENDING_NMI), Next::enter);
    EXPECT_FALSE(cpu.taking);
}

TEST_F(Nmi, OnTheWayOutItIsKept) {
    cpu.leave.pending = true;
    EXPECT_EQ(pending(PENDING_NMI), Next::enter);
    EXPECT_EQ(cpu.leave.seen, u32{PENDING_NMI});
    EXPECT_EQ(cpu.shared.nmi_injected, 0u);
}

TEST_F(Nmi, AFieldThatFailsIsGivenUp) {
    fake::vmx().remove(Field::guest_pending_debug);
    set_field(Field::exit_qualification, 0);
    EXPECT_EQ(pending(PENDING_NMI), Next::enter);
    EXPECT_TRUE(cpu.leave.pending);
    EXPECT_EQ(cpu.shared.fault.kind, static_cast<u32>(VISOR_FAULT_VMX));
}

// ---- the way out -----------------------------------------------------------------------------

class Leave : public Nmi {
protected:
    struct Stack {
        rmv_gprs gprs{};
        ReturnFrame frame{};
    };
    void leave() { EXPECT_EQ(visor_finish_leave(&stack.gprs, &cpu), Next::leave); }
    Stack stack;
};

TEST_F(Leave, LinuxsWorldIsBack) {
    set_field(Field::guest_cr0, 0x80050033);
    set_field(Field::guest_cr3, 0x7003);
    set_field(Field::cr4_read_shadow, facts.cr4);
    set_field(Field::guest_dr7, 0x455);
    set_field(Field::guest_debugctl, 0x2);
    set_field(Field::guest_gs_base, 0xffff888000200000);
    set_field(Field::guest_es_selector, 0x2b);
    set_field(Field::guest_ldtr_selector, 0x50);
    set_field(Field::guest_cs_selector, 0x10);
    set_field(Field::guest_ss_selector, 0x18);
    set_field(Field::guest_rflags, 0x246);
    set_field(Field::guest_sysenter_eip, 0xffffffff81001000);
    fake::cpu().cr0 = 0x80050031;  // root's
    cpu.leave.pending = true;
    leave();
    const fake::Cpu& machine = fake::cpu();
    EXPECT_FALSE(fake::vmx().on);
    EXPECT_EQ(cpu.shared.state, VISOR_CPU_NATIVE);
    EXPECT_EQ(cpu.mode, Mode::off);
    EXPECT_FALSE(cpu.leave.pending);
    EXPECT_EQ(machine.cr0, 0x80050033u);
    EXPECT_EQ(machine.cr3, 0x7003u);
    EXPECT_EQ(machine.cr3_writes, (std::vector<u64>{0x7000, 0x7003})) << "PCIDE needs PCID 0";
    EXPECT_EQ(machine.cr4, facts.cr4);
    EXPECT_EQ(machine.dr7, 0x455u);
    EXPECT_EQ(machine.es, 0x2bu);
    EXPECT_EQ(machine.ldtr, 0x50u);
    EXPECT_EQ(machine.tr, 0x40u);
    EXPECT_EQ(machine.gdt.base, reinterpret_cast<u64>(gdt));
    EXPECT_EQ(machine.msrs.at(static_cast<u32>(Msr::debugctl)), 2u);
    EXPECT_EQ(machine.msrs.at(static_cast<u32>(Msr::gs_base)), 0xffff888000200000u);
    EXPECT_EQ(machine.msrs.at(static_cast<u32>(Msr::sysenter_eip)), 0xffffffff81001000u);
    EXPECT_EQ(gdt[8] >> 41 & 1, 0u) << "the busy bit";
    EXPECT_EQ(stack.frame.rip, globals.text_begin + 0x10);
    EXPECT_EQ(stack.frame.cs, 0x10u);
    EXPECT_EQ(stack.frame.ss, 0x18u);
    EXPECT_EQ(stack.frame.rflags, 0x246u);
    EXPECT_EQ(stack.frame.rsp, 0xffffc900'00001000u);
    EXPECT_TRUE(icr_writes().empty());
    EXPECT_EQ(machine.raised_machine_checks, 0u);
}

TEST_F(Leave, WhatHitRootMeanwhileIsLinuxs) {
    for (const u32 where : {0u, 1u, 2u}) {
        (where == 0   ? cpu.pending
         : where == 1 ? cpu.leave.seen
                      : cpu.deferred) = PENDING_NMI | PENDING_MACHINE_CHECK;
        leave();
        EXPECT_EQ(icr_writes(), std::vector<u64>(where + 1, join(apic_id, 0x4400)));
        EXPECT_EQ(fake::cpu().raised_machine_checks, where + 1);
        EXPECT_EQ(cpu.shared.own_nmis, 0u);
        ASSERT_EQ(launch(), VISOR_OK);
        set_field(Field::guest_rip, globals.text_begin);
        set_field(Field::guest_rsp, 0);
    }
}

TEST_F(Leave, ToUserModeUnderPageTableIsolation) {
    globals.cr3_user_bits = 0x1800;
    set_field(Field::guest_cr3, 0x5800);
    set_field(Field::guest_cs_selector, 0x33);
    leave();
    EXPECT_EQ(fake::cpu().cr3, 0x4000u);
    EXPECT_EQ(cpu.shared.own_nmis, 1u);
    EXPECT_EQ(icr_writes(), (std::vector<u64>{join(apic_id, 0x4400)}));
}

TEST_F(Leave, OnlyToUserModeUnderPageTableIsolationItSendsItselfAnNmi) {
    for (const auto& [user_bits, cs] : {std::pair{0x1800, 0x10}, std::pair{0, 0x33}}) {
        globals.cr3_user_bits = static_cast<u64>(user_bits);
        set_field(Field::guest_cs_selector, static_cast<u64>(cs));
        leave();
        EXPECT_EQ(cpu.shared.own_nmis, 0u) << std::hex << cs;
        EXPECT_TRUE(icr_writes().empty());
        ASSERT_EQ(launch(), VISOR_OK);
        set_field(Field::guest_rip, globals.text_begin);
        set_field(Field::guest_rsp, 0);
    }
}

TEST_F(Leave, TheShadowOfVmxeIsLinuxsCr4) {
    set_field(Field::cr4_read_shadow, facts.cr4 | mask(Cr4::vmxe));
    leave();
    EXPECT_TRUE(has(fake::cpu().cr4, Cr4::vmxe));
    fake::cpu().cr4 &= ~mask(Cr4::vmxe);
}

TEST_F(Leave, AnNmiThatWaitsForItsInjectionIsTakenBack) {
    set_field(Field::entry_interruption_info, nmi_event);
    Vmcs vmcs;
    EXPECT_EQ(begin_leave(cpu, vmcs), Next::enter);
    EXPECT_EQ(injected(), 0u);
    EXPECT_EQ(cpu.leave.seen, u32{PENDING_NMI});
    set_field(Field::entry_interruption_info, ud);
    cpu.leave = {};
    EXPECT_EQ(begin_leave(cpu, vmcs), Next::enter);
    EXPECT_EQ(injected(), ud);
    EXPECT_EQ(cpu.leave.seen, 0u);
}

TEST_F(Leave, WithoutAnEntryAnNmiOfOurOwnBlocks) {
    fake::vmx().remove(Field::preemption_timer_value);
    unsigned pauses = 0;
    fake::cpu().on_pause = [&] {
        if (++pauses == 5) cpu.pending |= PENDING_NMI;
    };
    Vmcs vmcs;
    EXPECT_EQ(begin_leave(cpu, vmcs), Next::leave);
    EXPECT_EQ(pauses, 5u);
    EXPECT_EQ(cpu.shared.own_nmis, 1u);
    EXPECT_EQ(cpu.nmi_returns_by_iret, 0u);
    fake::cpu().on_pause = nullptr;
}

// ---- IPIs of root in xAPIC mode ---------------------------------------------------------------

TEST_F(Leave, AnIpiOfAnXapicWaitsForTheOneBefore) {
    globals.x2apic = false;
    fake::cpu().busy_reads = 3;
    cpu.pending = PENDING_NMI;
    leave();
    EXPECT_EQ(fake::cpu().busy_reads, 0u);
    const std::vector<std::pair<u64, u32>> writes{{root_apic_virtual + 0x310, apic_id << 24},
                                                  {root_apic_virtual + 0x300, 0x4400}};
    EXPECT_EQ(fake::cpu().mmio_writes, writes);
    EXPECT_TRUE(icr_writes().empty());
}

TEST_F(Leave, AnIcrThatStaysBusyIsNotWaitedForForEver) {
    globals.x2apic = false;
    fake::cpu().busy_reads = ~0u;
    cpu.pending = PENDING_NMI;
    leave();
    EXPECT_EQ(fake::cpu().mmio_writes.size(), 2u);
    EXPECT_EQ(~0u - fake::cpu().busy_reads, 2 * 1'000'000u) << "before and after";
}

// ---- exceptions in root ------------------------------------------------------------------------

class RootFault : public Nmi {
protected:
    FaultFrame frame{.vector = 14, .error_code = 2, .rip = 0x1000, .rsp = 0x2000};
    Next fault() { return visor_handle_fault(&frame, &cpu); }
};

TEST_F(RootFault, AnInstructionThatMayFaultHasAWayOn) {
    frame.rip = fake::faulting_instruction;
    EXPECT_EQ(fault(), Next::enter);
    EXPECT_EQ(frame.rip, fake::fixup_target);
    EXPECT_EQ(cpu.shared.fault.valid, 0u);
}

TEST_F(RootFault, AnyOtherLeavesVmx) {
    fake::cpu().cr2 = 0x3000;
    cpu.frame = 0x8000;
    EXPECT_EQ(fault(), Next::enter);
    EXPECT_TRUE(cpu.leave.pending);
    EXPECT_EQ(frame.rip, reinterpret_cast<u64>(visor_resume_begin));
    EXPECT_EQ(frame.rsp, 0x8000u);
    const visor_fault& record = cpu.shared.fault;
    EXPECT_EQ(record.kind, static_cast<u32>(VISOR_FAULT_ROOT));
    EXPECT_EQ(record.vector, 14u);
    EXPECT_EQ(record.error_code, 2u);
    EXPECT_EQ(record.rip, 0x1000u);
    EXPECT_EQ(record.cr2, 0x3000u);
    // A second one leaves without that entry; a third has no way.
    fake::cpu().on_pause = [this] { cpu.pending |= PENDING_NMI; };
    frame.rip = 0x1111;
    EXPECT_EQ(fault(), Next::leave);
    EXPECT_EQ(record.rip, 0x1000u) << "the first is told";
    EXPECT_TRUE(stands_still([this] { fault(); }));
    EXPECT_EQ(cpu.shared.state, VISOR_CPU_BROKEN);
    fake::cpu().on_pause = nullptr;
}

TEST_F(RootFault, OnTheWayOutNoEntryIsArranged) {
    cpu.leave.pending = true;
    EXPECT_EQ(fault(), Next::leave);
}

TEST_F(RootFault, WithoutALinuxToGoToTheCpuStandsStill) {
    cpu.mode = Mode::parked;
    EXPECT_TRUE(stands_still([this] { fault(); }));
    EXPECT_EQ(cpu.shared.state, VISOR_CPU_BROKEN);
    cpu.mode = Mode::linux_guest;
}

TEST_F(RootFault, AMachineCheckIsKeptForLinux) {
    frame.vector = 18;
    EXPECT_EQ(fault(), Next::enter);
    EXPECT_EQ(cpu.shared.machine_checks, 1u);
    EXPECT_EQ(cpu.pending, u32{PENDING_MACHINE_CHECK});
    EXPECT_EQ(frame.rip, 0x1000u);
    // Past the last test of `pending` the entry is abandoned.
    cpu.frame = 0x9000;
    const u64 begin = reinterpret_cast<u64>(visor_resume_begin);
    const u64 end = reinterpret_cast<u64>(visor_resume_end);
    for (const u64 rip : {begin, end - 1}) {
        frame.rip = rip;
        EXPECT_EQ(fault(), Next::enter);
        EXPECT_EQ(frame.rip, reinterpret_cast<u64>(visor_resume_pending));
        EXPECT_EQ(frame.rsp, 0x9000u);
    }
    const u64 quick_begin = reinterpret_cast<u64>(visor_quick_begin);
    const u64 quick_end = reinterpret_cast<u64>(visor_quick_end);
    for (const u64 rip : {quick_begin, quick_end - 1}) {
        frame.rip = rip;
        EXPECT_EQ(fault(), Next::enter);
        EXPECT_EQ(frame.rip, reinterpret_cast<u64>(visor_quick_pending));
    }
    for (const u64 rip : {begin - 1, end, quick_begin - 1, quick_end}) {
        frame.rip = rip;
        EXPECT_EQ(fault(), Next::enter);
        EXPECT_EQ(frame.rip, rip);
    }
}

TEST_F(RootFault, AMachineCheckWithoutLinuxIsAcknowledged) {
    frame.vector = 18;
    cpu.mode = Mode::parked;
    fake::cpu().set(Msr::mcg_status, 5);
    EXPECT_EQ(fault(), Next::enter);
    EXPECT_EQ(fake::cpu().msrs.at(static_cast<u32>(Msr::mcg_status)), 0u);
    EXPECT_EQ(cpu.pending, 0u);
    fake::cpu().set(Msr::mcg_status, 4);
    EXPECT_TRUE(stands_still([this] { fault(); }));
    cpu.mode = Mode::linux_guest;
}

}  // namespace
}  // namespace rmv
