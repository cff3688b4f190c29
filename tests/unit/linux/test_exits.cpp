// SPDX-License-Identifier: GPL-2.0-only
// Each exit of Linux through the whole path: what it answers, and what nobody has an answer to.
#include "linux/machine.hpp"

namespace rmv {
namespace {

class Exits : public LinuxAtInstruction {
protected:
    void expect_event(u32 event) {
        EXPECT_EQ(injected(), event);
        EXPECT_EQ(field(Field::guest_rip), start_rip);
    }
    void user_mode() { set_field(Field::guest_ss_access_rights, 0xc0f3); }
    // The exit was given up: the CPU is on its way out of VMX, and the record says why.
    void expect_given_up(visor_fault_kind kind, u32 reason) {
        EXPECT_TRUE(cpu.leave.pending);
        EXPECT_EQ(cpu.shared.fault.valid, 1u);
        EXPECT_EQ(cpu.shared.fault.kind, static_cast<u32>(kind));
        EXPECT_EQ(cpu.shared.fault.exit_reason, reason);
    }
};

TEST_F(Exits, Xsetbv) {
    gprs.rcx = 0;
    gprs.rax = 7;
    gprs.rdx = 1;
    EXPECT_EQ(exit(ExitReason::xsetbv), Next::enter);
    expect_skipped();
    EXPECT_EQ(fake::entry_calls().xsetbvs.back(), (std::pair<u32, u64>{0, 0x1'0000'0007}));
}

TEST_F(Exits, XsetbvOfWhatTheCpuRefuses) {
    gprs.rax = 6;
    EXPECT_EQ(exit(ExitReason::xsetbv), Next::enter);
    expect_event(gp_with_code);
}

TEST_F(Exits, XsetbvByAProgram) {
    user_mode();
    gprs.rax = 7;
    EXPECT_EQ(exit(ExitReason::xsetbv), Next::enter);
    expect_event(gp_with_code);
    EXPECT_TRUE(fake::entry_calls().xsetbvs.empty());
}

TEST_F(Exits, MsrsOutsideTheBitmap) {
    fake::cpu().set(0x4b564d00, 0x12345678'9abcdef0);
    gprs.rcx = 0x4b564d00;
    EXPECT_EQ(exit(ExitReason::rdmsr), Next::enter);
    expect_skipped();
    EXPECT_EQ(gprs.rax, 0x9abcdef0u);
    EXPECT_EQ(gprs.rdx, 0x12345678u);
    gprs.rax = 1;
    gprs.rdx = 2;
    EXPECT_EQ(exit(ExitReason::wrmsr), Next::enter);
    EXPECT_EQ(fake::cpu().msrs[0x4b564d00], 0x2'0000'0001u);
    EXPECT_EQ(cpu.shared.mtrr_writes, 0u);
}

TEST_F(Exits, MsrsThatAreNotThere) {
    gprs.rcx = 0x4b564d01;
    EXPECT_EQ(exit(ExitReason::rdmsr), Next::enter);
    expect_event(gp_with_code);
    EXPECT_EQ(exit(ExitReason::wrmsr), Next::enter);
    expect_event(gp_with_code);
}

TEST_F(Exits, AWriteOfAnMtrrRingsTheDoorbell) {
    cpu.shared.doorbell_vector = 0xe5;
    cpu.shared.doorbell_apic_id = 1;
    u64 writes = 0;
    for (const u32 msr : {0x200u, 0x2ffu, 0x250u}) {
        gprs.rcx = msr;
        gprs.rax = 6;
        gprs.rdx = 0;
        EXPECT_EQ(exit(ExitReason::wrmsr), Next::enter);
        EXPECT_EQ(fake::cpu().msrs[msr], 6u);
        EXPECT_EQ(cpu.shared.mtrr_writes, ++writes);
    }
    EXPECT_EQ(icr_writes(), std::vector<u64>(3, join(1, 0x40e5)));
}

TEST_F(Exits, VmxeIsLinuxsToSee) {
    gprs.rbx = facts.cr4 | mask(Cr4::vmxe);
    EXPECT_EQ(exit(ExitReason::cr_access, 0x304), Next::enter);  // MOV CR4, RBX
    expect_skipped();
    EXPECT_EQ(field(Field::cr4_read_shadow), gprs.rbx);
    EXPECT_EQ(field(Field::guest_cr4), gprs.rbx);
    EXPECT_EQ(fake::vmx().invvpids.size(), 1u) << "nothing to flush";
    EXPECT_EQ(exit(ExitReason::vmxon), Next::enter);
    EXPECT_EQ(injected(), gp_with_code);
    gprs.rbx = facts.cr4;
    EXPECT_EQ(exit(ExitReason::cr_access, 0x304), Next::enter);
    EXPECT_EQ(field(Field::guest_cr4), facts.cr4 | mask(Cr4::vmxe));
    EXPECT_EQ(exit(ExitReason::vmxon), Next::enter);
    EXPECT_EQ(injected(), ud);
}

TEST_F(Exits, AWriteOfCr4ThatChangesMoreFlushes) {
    set_field(Field::guest_rsp, (facts.cr4 | mask(Cr4::vmxe)) ^ mask(Cr4::pge));
    EXPECT_EQ(exit(ExitReason::cr_access, 0x404), Next::enter);  // MOV CR4, RSP
    expect_skipped();
    EXPECT_EQ(fake::vmx().invvpids.back(), (fake::Flush{1, cpu_number + 1}));
    EXPECT_EQ(fake::vmx().invvpids.size(), 2u);
}

TEST_F(Exits, AWriteOfCr4ThatFaults) {
    for (const u64 bad : {facts.cr4 | bit(40), facts.cr4 | mask(Cr4::vmxe) | bit(15),
                          facts.cr4 ^ mask(Cr4::pae), facts.cr4 ^ mask(Cr4::pcide)}) {
        gprs.rax = bad;
        EXPECT_EQ(exit(ExitReason::cr_access, 0x4), Next::enter);
        expect_event(gp_with_code);
        EXPECT_EQ(field(Field::cr4_read_shadow), facts.cr4);
    }
}

TEST_F(Exits, AFlushThatFailsIsGivenUp) {
    fake::vmx().set(Field::guest_rsp, facts.cr4 ^ mask(Cr4::pge));
    gprs.rax = facts.cr4 ^ mask(Cr4::pge);
    cpu.number = 0xffff;  // no such VPID
    EXPECT_EQ(exit(ExitReason::cr_access, 0x4), Next::enter);
    expect_given_up(VISOR_FAULT_EXIT, 28);
}

TEST_F(Exits, OtherControlRegistersDoNotExit) {
    for (const u64 qualification : {0x3ull, 0x14ull, 0x20ull, 0x30ull}) {
        cpu.leave = {};
        cpu.shared.fault = {};
        EXPECT_EQ(exit(ExitReason::cr_access, qualification), Next::enter);
        expect_given_up(VISOR_FAULT_EXIT, 28);
    }
}

TEST_F(Exits, VmxInstructionsAreUndefined) {
    for (const ExitReason reason :
         {ExitReason::vmclear, ExitReason::vmlaunch, ExitReason::vmptrld, ExitReason::vmptrst,
          ExitReason::vmread, ExitReason::vmresume, ExitReason::vmwrite, ExitReason::vmxoff,
          ExitReason::invept, ExitReason::invvpid, ExitReason::vmfunc, ExitReason::getsec,
          ExitReason::seamcall, ExitReason::tdcall}) {
        EXPECT_EQ(exit(reason), Next::enter);
        expect_event(ud);
        set_field(Field::entry_interruption_info, 0);
    }
}

TEST_F(Exits, InvdWritesBack) {
    EXPECT_EQ(exit(ExitReason::invd), Next::enter);
    expect_skipped();
    EXPECT_EQ(fake::cpu().wbinvds, 1u);
}

TEST_F(Exits, AStrayWriteIsRecordedAndFaults) {
    exit(ExitReason::invd);
    start_rip = field(Field::guest_rip);
    set_field(Field::exit_qualification, 0x18a);
    set_field(Field::guest_physical_address, 0x1234000);
    set_field(Field::idt_vectoring_info, 0);
    EXPECT_EQ(raw_exit(48), Next::enter);
    expect_event(gp_with_code);
    EXPECT_EQ(cpu.shared.stray_writes, 1u);
    EXPECT_EQ(cpu.shared.stray_rip, start_rip);
    EXPECT_EQ(cpu.shared.stray_physical, 0x1234000u);
}

TEST_F(Exits, AStrayAccessThatCantBeAnswered) {
    EXPECT_EQ(exit(ExitReason::ept_violation, 0x181), Next::enter);  // a read
    expect_given_up(VISOR_FAULT_EXIT, 48);
    EXPECT_EQ(cpu.shared.stray_writes, 0u);
}

// A write while an event is delivered can't get #GP instead; the event is delivered natively.
TEST_F(Exits, AStrayWriteDuringDelivery) {
    exit(ExitReason::invd);
    set_field(Field::exit_qualification, 0x182);
    set_field(Field::idt_vectoring_info, 0x80000b0e);
    set_field(Field::idt_vectoring_error_code, 2);
    EXPECT_EQ(raw_exit(48), Next::enter);
    expect_given_up(VISOR_FAULT_EXIT, 48);
    EXPECT_EQ(injected(), 0x80000b0eu);
    EXPECT_EQ(field(Field::entry_exception_error_code), 2u);
}

TEST_F(Exits, WhatNoControlAsksForIsGivenUp) {
    for (const u32 reason :
         {1u,  4u,  7u,  8u,  9u,  12u, 14u, 15u, 16u, 17u, 29u, 30u, 36u, 37u, 39u,
          40u, 43u, 44u, 45u, 46u, 47u, 49u, 51u, 54u, 56u, 57u, 58u, 60u, 61u, 62u,
          63u, 64u, 65u, 66u, 67u, 68u, 69u, 70u, 72u, 73u, 74u, 75u, 200u}) {
        cpu.leave = {};
        cpu.shared.fault = {};
        EXPECT_EQ(exit(static_cast<ExitReason>(reason)), Next::enter) << reason;
        expect_given_up(VISOR_FAULT_EXIT, reason);
    }
}

// ---- the shim's calls --------------------------------------------------------------------

TEST_F(Exits, AVmcallFromElsewhereIsUndefined) {
    gprs.rax = static_cast<u64>(Call::leave);
    user_mode();
    EXPECT_EQ(exit(ExitReason::vmcall), Next::enter);
    expect_event(ud);
    set_field(Field::guest_ss_access_rights, 0xc093);
    for (const u64 rip : {globals.text_begin - 1, globals.text_end}) {
        set_field(Field::guest_rip, rip);
        EXPECT_EQ(exit(ExitReason::vmcall), Next::enter);
        EXPECT_EQ(injected(), ud);
    }
    EXPECT_FALSE(cpu.leave.pending);
}

TEST_F(Exits, AnUnknownCallIsUndefined) {
    gprs.rax = 0x524d5600;
    set_field(Field::guest_rip, globals.text_begin);
    EXPECT_EQ(exit(ExitReason::vmcall), Next::enter);
    EXPECT_EQ(injected(), ud);
}

TEST_F(Exits, TheCallToLeave) {
    gprs.rax = static_cast<u64>(Call::leave);
    EXPECT_EQ(exit(ExitReason::vmcall), Next::enter);
    EXPECT_EQ(gprs.rax, call_done);
    EXPECT_EQ(field(Field::guest_rip), start_rip + 3);
    EXPECT_TRUE(cpu.leave.pending);
    EXPECT_EQ(cpu.shared.fault.valid, 0u);
    // That entry blocks NMIs and ends at once.
    EXPECT_EQ(field(Field::guest_interruptibility), 8u);
    EXPECT_EQ(field(Field::preemption_timer_value), 0u);
    EXPECT_TRUE(has(field(Field::pin_based_controls), Pin::preemption_timer));
    EXPECT_FALSE(has(field(Field::pin_based_controls), Pin::nmi_exiting));
    EXPECT_EQ(exit(ExitReason::preemption_timer_expired), Next::leave);
}

TEST_F(Exits, TheCallToPrepareATake) {
    gprs.rax = static_cast<u64>(Call::prepare_take);
    EXPECT_EQ(exit(ExitReason::vmcall), Next::enter);
    expect_skipped();
    EXPECT_EQ(gprs.rax, call_done);
    EXPECT_TRUE(cpu.taking);
    EXPECT_TRUE(has(field(Field::pin_based_controls), Pin::nmi_exiting));
    EXPECT_TRUE(has(field(Field::pin_based_controls), Pin::virtual_nmis));
}

TEST_F(Exits, TheCallToUseAMap) {
    gprs.rax = static_cast<u64>(Call::use_map);
    gprs.rsi = 0x7701e;
    EXPECT_EQ(exit(ExitReason::vmcall), Next::enter);
    expect_skipped();
    EXPECT_EQ(gprs.rax, call_done);
    EXPECT_EQ(field(Field::ept_pointer), 0x7701eu);
    EXPECT_EQ(globals.linux_ept_pointer, 0x7701eu);
    EXPECT_EQ(fake::vmx().invepts.size(), 2u);
}

TEST_F(Exits, CallsOfTheShimGoToACpuThatRunsLinux) {
    fake::entry_calls().call_result = call_done;
    EXPECT_EQ(visor_prepare_take(opaque()), VISOR_OK);
    EXPECT_EQ(visor_use_map(opaque(), 0x1234), VISOR_OK);
    EXPECT_EQ(visor_watch(opaque()), VISOR_OK);
    visor_leave(opaque());
    const std::vector<std::pair<u64, u64>> calls{
        {0x524d5602, 0}, {0x524d5603, 0x1234}, {0x524d5604, 0}, {0x524d5601, 0}};
    EXPECT_EQ(fake::entry_calls().calls, calls);
    fake::entry_calls().call_result = 1;
    EXPECT_EQ(visor_prepare_take(opaque()), VISOR_WRONG_STATE);
    EXPECT_EQ(visor_use_map(opaque(), 0x1234), VISOR_WRONG_STATE);
    EXPECT_EQ(visor_watch(opaque()), VISOR_WRONG_STATE);
    fake::entry_calls() = {};
    cpu.shared.state = VISOR_CPU_PARKED;
    EXPECT_EQ(visor_prepare_take(opaque()), VISOR_WRONG_STATE);
    EXPECT_EQ(visor_use_map(opaque(), 0x1234), VISOR_WRONG_STATE);
    EXPECT_EQ(visor_watch(opaque()), VISOR_WRONG_STATE);
    visor_leave(opaque());
    EXPECT_TRUE(fake::entry_calls().calls.empty());
    cpu.shared.state = VISOR_CPU_LINUX;
}

// ---- when VMX itself fails ------------------------------------------------------------------

TEST_F(Exits, AFieldThatCantBeReadIsGivenUp) {
    set_field(Field::exit_reason, 28);
    set_field(Field::idt_vectoring_info, 0);
    fake::vmx().remove(Field::exit_qualification);
    // The VMCS can't be relied on: no entry is arranged to block NMIs.
    EXPECT_EQ(visor_handle_exit(&gprs, &cpu), Next::leave);
    EXPECT_EQ(cpu.shared.own_nmis, 1u);
    EXPECT_EQ(cpu.shared.fault.kind, static_cast<u32>(VISOR_FAULT_VMX));
}

TEST_F(Exits, AVmcsThatIsNotCurrentIsMadeSo) {
    set_field(Field::exit_reason, 28);
    set_field(Field::exit_qualification, 4);
    set_field(Field::idt_vectoring_info, 0);
    fake::vmx().fail_after(2);  // the exit reason is read twice
    EXPECT_EQ(visor_handle_exit(&gprs, &cpu), Next::enter);
    expect_given_up(VISOR_FAULT_VMX, 28);
}

TEST_F(Exits, AVmcsThatIsLostIsLoadedAndLaunchedAgain) {
    set_field(Field::exit_reason, 28);
    set_field(Field::exit_qualification, 4);
    set_field(Field::idt_vectoring_info, 0);
    ASSERT_TRUE(fake::vmx().vmclear(cpu.linux_vmcs_phys));
    EXPECT_EQ(visor_handle_exit(&gprs, &cpu), Next::enter);
    EXPECT_EQ(cpu.vmcs_launched, 0u);
    EXPECT_EQ(cpu.shared.fault.kind, static_cast<u32>(VISOR_FAULT_VMX));
}

TEST_F(Exits, AFailedEntryNamesTheRule) {
    set_field(Field::host_cr3, bit(60));
    set_field(Field::exit_qualification, 0);
    set_field(Field::instruction_error, 0);
    fake::cpu().on_pause = [this] { cpu.pending |= PENDING_NMI; };
    EXPECT_EQ(raw_exit(0x80000021), Next::leave);
    EXPECT_EQ(cpu.shared.fault.kind, static_cast<u32>(VISOR_FAULT_ENTRY));
    EXPECT_EQ(cpu.shared.fault.exit_reason, 0x80000021u);
    EXPECT_NE(cpu.shared.fault.rule, no_broken_rule);
    EXPECT_EQ(gprs.rax, 2u) << "the launch fails";
    EXPECT_EQ(cpu.shared.own_nmis, 1u);
    fake::cpu().on_pause = nullptr;
}

TEST_F(Exits, AFailedResumeIsNoFailedLaunch) {
    exit(ExitReason::invd);
    cpu.pending = PENDING_NMI;  // blocks already: none of our own
    gprs.rax = 77;
    EXPECT_EQ(visor_handle_entry_failure(&gprs, &cpu), Next::leave);
    EXPECT_EQ(gprs.rax, 77u);
    EXPECT_EQ(cpu.shared.own_nmis, 0u);
    EXPECT_EQ(cpu.shared.fault.kind, static_cast<u32>(VISOR_FAULT_ENTRY));
}

// ---- the end of the machine, and of this CPU -------------------------------------------------

TEST_F(Exits, ATripleFaultResetsThePlatform) {
    EXPECT_TRUE(stands_still([this] { exit(ExitReason::triple_fault); }));
    EXPECT_FALSE(fake::vmx().on);
    EXPECT_EQ(fake::cpu().port_writes,
              (std::vector<fake::PortWrite>{{0xcf9, 0x02}, {0xcf9, 0x06}, {0x64, 0xfe}}));
    EXPECT_EQ(fake::cpu().idt.limit, 0u);
    EXPECT_EQ(fake::cpu().breakpoints, 1u);
}

TEST_F(Exits, AnInitWhereLinuxIsAtWorkIsIgnored) {
    fake::cpu().set(Msr::apic_base, 0xfee00800);
    set_field(Field::guest_rflags, 0x202);
    EXPECT_EQ(exit(ExitReason::init_signal), Next::enter);
    EXPECT_TRUE(fake::vmx().on);
    EXPECT_EQ(cpu.shared.stray_inits, 1u);
    EXPECT_EQ(cpu.shared.fault.valid, 0u);
}

TEST_F(Exits, AnInitMakesABareCpu) {
    set_field(Field::guest_rflags, 0x2);
    EXPECT_TRUE(stands_still([this] { exit(ExitReason::init_signal); }));
    EXPECT_FALSE(fake::vmx().on);
    EXPECT_EQ(cpu.shared.state, VISOR_CPU_NATIVE);
    EXPECT_EQ(cpu.shared.fault.exit_reason, 3u);
    EXPECT_EQ(icr_writes(), (std::vector<u64>{join(apic_id, 0x4500)}));
}

TEST_F(Exits, AnInitOnTheWayOutToo) {
    gprs.rax = static_cast<u64>(Call::leave);
    exit(ExitReason::vmcall);
    EXPECT_TRUE(stands_still([this] { exit(ExitReason::init_signal); }));
    EXPECT_FALSE(fake::vmx().on);
}

}  // namespace
}  // namespace rmv
