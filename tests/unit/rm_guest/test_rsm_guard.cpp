// SPDX-License-Identifier: GPL-2.0-only
// An RSM that sets CR0.PE and PG behind the guest's back, and what the guest sees of the guard.
#include "rm_guest/apic/init.hpp"
#include "rm_guest/control_registers.hpp"
#include "rm_guest/guest.hpp"
#include "rm_guest/rsm_guard.hpp"
#include "vmx/controls.hpp"
#include "x86/msr.hpp"

namespace rmv {
namespace {

constexpr u64 zero_page = 0xfffbc000;
constexpr u64 forced = mask(Cr0::pe, Cr0::pg);
constexpr u32 page_fault_exit = 0x80000b0e, nmi_exit = 0x80000202;
constexpr u32 cr3_exits =
    static_cast<u32>(mask(Primary::cr3_load_exiting, Primary::cr3_store_exiting));
constexpr u32 page_faults = 1u << 14;

constexpr u64 to_cr(unsigned cr) { return cr | (static_cast<u64>(GeneralRegister::rbx) << 8); }
constexpr u64 from_cr(unsigned cr) { return to_cr(cr) | (1 << 4); }

class RsmGuards : public Guest {
protected:
    void SetUp() override {
        cpu.shared.zero_page = zero_page;
        reset();
        run();
        set_field(Field::guest_rip, 0x100);
    }

    void mov_to(unsigned cr, u64 value) {
        gprs.rbx = value;
        exit(ExitReason::cr_access, to_cr(cr), 3);
    }
    u64 mov_from_cr3() {
        exit(ExitReason::cr_access, from_cr(3), 3);
        return gprs.rbx;
    }
    void wrmsr_efer(u64 value) {
        gprs.rcx = static_cast<u32>(Msr::efer);
        gprs.rax = low32(value);
        gprs.rdx = 0;
        exit(ExitReason::wrmsr, 0, 2);
    }
    u64 rdmsr_efer() {
        gprs.rcx = static_cast<u32>(Msr::efer);
        exit(ExitReason::rdmsr, 0, 2);
        return gprs.rax;
    }
    // What Bochs leaves behind: an exception exit with paging on.
    Next damaged_exit(u32 interruption, u64 vectoring = 0) {
        set_field(Field::guest_cr0, field(Field::guest_cr0) | forced);
        exit_is(ExitReason::exception_or_nmi, 0x100, 0);
        set_field(Field::exit_interruption_info, interruption);
        set_field(Field::idt_vectoring_info, vectoring);
        return exit(static_cast<u32>(ExitReason::exception_or_nmi));
    }
    void expect_guarded(bool on) {
        EXPECT_EQ((field(Field::primary_processor_controls) & cr3_exits) == cr3_exits, on);
        EXPECT_EQ((field(Field::exception_bitmap) & page_faults) != 0, on);
        EXPECT_EQ(field(Field::guest_cr3) == zero_page, on);
    }
};

TEST_F(RsmGuards, ResetGuestIsGuarded) {
    expect_guarded(true);
    EXPECT_EQ(mov_from_cr3(), 0u);
}

TEST_F(RsmGuards, DamageIsRepairedAndTheGuestGoesOn) {
    const u64 before = field(Field::guest_cr0);
    EXPECT_EQ(damaged_exit(page_fault_exit), Next::enter);
    EXPECT_EQ(field(Field::guest_cr0), before);
    EXPECT_EQ(field(Field::guest_rip), 0x100u);
    EXPECT_EQ(cpu.shared.smi_repairs, 1u);
    EXPECT_FALSE(injected());
    EXPECT_FALSE(stopped());
}

TEST_F(RsmGuards, ProtectedModeKeepsPe) {
    mov_to(0, mask(Cr0::pe, Cr0::et));
    set_field(Field::guest_rip, 0x100);
    damaged_exit(page_fault_exit);
    EXPECT_EQ(field(Field::guest_cr0) & forced, mask(Cr0::pe));
    EXPECT_EQ(cpu.shared.smi_repairs, 1u);
}

TEST_F(RsmGuards, EventUnderWayIsDeliveredAgain) {
    damaged_exit(page_fault_exit, 0x80000040 | bit(12));
    ASSERT_TRUE(injected());
    EXPECT_EQ(field(Field::entry_interruption_info), 0x80000040u);
}

TEST_F(RsmGuards, NmiThatCameWithItIsServed) {
    const u64 before = field(Field::guest_cr0);
    cpu.shared.kick = 1;
    damaged_exit(nmi_exit);
    EXPECT_EQ(stop.reason, VISOR_STOP_KICK);
    EXPECT_EQ(field(Field::guest_cr0), before);
    EXPECT_EQ(cpu.shared.smi_repairs, 1u);
}

// The timer ran out in SMM, or its interrupt came there: they exit before the first fetch does.
TEST_F(RsmGuards, OtherExitsThatComeWithItAreServed) {
    const u64 before = field(Field::guest_cr0);
    for (const ExitReason reason :
         {ExitReason::preemption_timer_expired, ExitReason::external_interrupt,
          ExitReason::interrupt_window, ExitReason::nmi_window}) {
        SCOPED_TRACE(static_cast<u32>(reason));
        set_field(Field::guest_cr0, field(Field::guest_cr0) | forced);
        exit_is(reason, 0, 0);
        if (reason == ExitReason::external_interrupt)
            set_field(Field::exit_interruption_info, 0x80000040);
        EXPECT_EQ(exit(static_cast<u32>(reason)), Next::enter);
        EXPECT_EQ(field(Field::guest_cr0), before);
        EXPECT_FALSE(stopped());
    }
    EXPECT_EQ(cpu.shared.smi_repairs, 4u);
}

// HLT exits, so that what an SMI makes of a halted CPU never matters.
TEST_F(RsmGuards, GuestIsNeverHaltedInHardware) {
    EXPECT_NE(field(Field::primary_processor_controls) & mask(Primary::hlt_exiting), 0u);
    damaged_exit(page_fault_exit);
    EXPECT_EQ(field(Field::guest_activity), static_cast<u64>(Activity::active));
}

TEST_F(RsmGuards, EptViolationOfTheDamageIsNotTheGuests) {
    set_field(Field::guest_cr0, field(Field::guest_cr0) | forced);
    EXPECT_EQ(exit(ExitReason::ept_violation, 0x81), Next::enter);
    EXPECT_FALSE(stopped());
}

TEST_F(RsmGuards, WithoutDamageAnEptViolationStops) {
    exit(ExitReason::ept_violation, 0x81);
    EXPECT_EQ(stop.reason, VISOR_STOP_MEMORY);
    EXPECT_EQ(cpu.shared.smi_repairs, 0u);
}

TEST_F(RsmGuards, GuestReadsTheCr3ThatItWrote) {
    mov_to(3, 0x7000);
    EXPECT_EQ(field(Field::guest_cr3), zero_page);
    EXPECT_EQ(mov_from_cr3(), 0x7000u);
}

TEST_F(RsmGuards, PagingEndsTheGuardAndItComesBack) {
    mov_to(0, mask(Cr0::pe, Cr0::et));
    mov_to(3, 0x7000);
    mov_to(0, forced | mask(Cr0::et));
    expect_guarded(false);
    EXPECT_EQ(field(Field::guest_cr3), 0x7000u);
    mov_to(0, mask(Cr0::pe, Cr0::et));
    expect_guarded(true);
    EXPECT_EQ(mov_from_cr3(), 0x7000u);
}

TEST_F(RsmGuards, LmeIsHiddenUntilPagingIsOn) {
    wrmsr_efer(mask(Efer::lme));
    EXPECT_EQ(field(Field::guest_efer), 0u);
    EXPECT_EQ(rdmsr_efer(), mask(Efer::lme));
    mov_to(0, mask(Cr0::pe, Cr0::et));
    mov_to(4, mask(Cr4::pae));
    set_field(Field::guest_cr4, field(Field::guest_cr4) | mask(Cr4::pae));
    mov_to(0, forced | mask(Cr0::et));
    EXPECT_EQ(field(Field::guest_efer), mask(Efer::lme, Efer::lma));
    mov_to(0, mask(Cr0::pe, Cr0::et));
    EXPECT_EQ(field(Field::guest_efer), 0u);
    EXPECT_EQ(rdmsr_efer(), mask(Efer::lme));
}

TEST_F(RsmGuards, OtherBitsOfEferAreNotHidden) {
    constexpr u64 visible = mask(Efer::nxe, Efer::sce);
    wrmsr_efer(mask(Efer::lme) | visible);
    EXPECT_EQ(field(Field::guest_efer), visible);
    mov_to(0, mask(Cr0::pe, Cr0::et));
    mov_to(4, mask(Cr4::pae));
    set_field(Field::guest_cr4, field(Field::guest_cr4) | mask(Cr4::pae));
    mov_to(0, forced | mask(Cr0::et));
    EXPECT_EQ(field(Field::guest_efer), mask(Efer::lme, Efer::lma) | visible);
}

TEST_F(RsmGuards, PagingWithoutLongModeKeepsEfer) {
    constexpr u64 visible = mask(Efer::nxe, Efer::sce);
    wrmsr_efer(visible);
    mov_to(0, mask(Cr0::pe, Cr0::et));
    mov_to(0, forced | mask(Cr0::et));
    EXPECT_EQ(field(Field::guest_efer), visible);
}

TEST_F(RsmGuards, InitForgetsWhatWasHidden) {
    mov_to(3, 0x7000);
    wrmsr_efer(mask(Efer::lme));
    ExitContext context{cpu, gprs};
    apic::initialize(context);
    expect_guarded(true);
    EXPECT_EQ(mov_from_cr3(), 0u);
    EXPECT_EQ(rdmsr_efer(), 0u);
}

TEST_F(RsmGuards, OwnerSeesTheGuestsRegisters) {
    mov_to(3, 0x7000);
    wrmsr_efer(mask(Efer::lme));
    cpu.shared.kick = 1;
    while_parked = [this] {
        command(VISOR_COMMAND_GET_STATE);
        EXPECT_EQ(cpu.shared.group_data.regs.cr3, 0x7000u);
        EXPECT_EQ(cpu.shared.group_data.regs.efer, mask(Efer::lme));
        cpu.shared.group_data.regs.cr3 = 0x9000;
        command(VISOR_COMMAND_SET_STATE);
        EXPECT_EQ(status(), VISOR_OK);
        cpu.shared.kick = 0;
    };
    damaged_exit(nmi_exit);
    EXPECT_EQ(field(Field::guest_cr3), zero_page);
    EXPECT_EQ(mov_from_cr3(), 0x9000u);
}

TEST_F(RsmGuards, PageThatMovedIsUsedFromTheNextRunOn) {
    cpu.shared.kick = 1;
    while_parked = [this] {
        cpu.shared.zero_page = zero_page - 0x1000;
        cpu.shared.ept_generation++;
        cpu.shared.kick = 0;
    };
    damaged_exit(nmi_exit);
    EXPECT_EQ(field(Field::guest_cr3), zero_page - 0x1000);
}

TEST_F(RsmGuards, WithoutAPageThereIsNoGuard) {
    cpu.shared.kick = 1;
    while_parked = [this] {
        cpu.shared.zero_page = 0;
        cpu.shared.ept_generation++;
        cpu.shared.kick = 0;
    };
    mov_to(3, 0x7000);
    damaged_exit(nmi_exit);
    expect_guarded(false);
    EXPECT_EQ(field(Field::guest_cr3), 0x7000u);
}

}  // namespace
}  // namespace rmv
