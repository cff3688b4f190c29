// SPDX-License-Identifier: GPL-2.0-only
// MOV CR, CLTS, LMSW: what the guest sees, what the CPU gets, and what is #GP.
#include "rm_guest/control_registers.hpp"
#include "rm_guest/guest.hpp"
#include "vmx/controls.hpp"

namespace rmv {
namespace {

constexpr u64 to_cr(unsigned cr, GeneralRegister reg) { return cr | (static_cast<u64>(reg) << 8); }
constexpr u64 from_cr(unsigned cr, GeneralRegister reg) { return to_cr(cr, reg) | (1 << 4); }
constexpr u64 lmsw(u16 source) { return (3 << 4) | (u64{source} << 16); }
constexpr u64 clts = 2 << 4;

constexpr u64 pe = mask(Cr0::pe, Cr0::et), pe_pg = pe | mask(Cr0::pg);

class CrAccesses : public Guest {
protected:
    void SetUp() override {
        reset();
        run();
        set_field(Field::guest_rip, 0x100);
        fake::vmx().invvpids.clear();
    }

    void mov_cr0(u64 value) {
        gprs.rbx = value;
        exit(ExitReason::cr_access, to_cr(0, GeneralRegister::rbx), 3);
    }
    void mov_cr4(u64 value) {
        gprs.rbx = value;
        exit(ExitReason::cr_access, to_cr(4, GeneralRegister::rbx), 3);
    }
    u64 guest_cr0() {
        Vmcs vmcs;
        return read_guest_cr0(vmcs);
    }
    u64 guest_cr4() {
        Vmcs vmcs;
        return read_guest_cr4(vmcs);
    }
    void expect_done() {
        EXPECT_FALSE(injected());
        EXPECT_FALSE(stopped());
        EXPECT_EQ(field(Field::guest_rip), 0x103u);
    }
    void expect_gp(bool error_code) {
        ASSERT_TRUE(injected());
        EXPECT_EQ(injected()->vector, 13);
        EXPECT_EQ(injected()->type, InterruptionType::hardware_exception);
        EXPECT_EQ(injected()->has_error_code, error_code);
        EXPECT_EQ(field(Field::guest_rip), 0x100u);
    }
};

TEST_F(CrAccesses, RealToProtectedToReal) {
    mov_cr0(pe);
    expect_done();
    EXPECT_EQ(guest_cr0(), pe);
    EXPECT_EQ(field(Field::guest_cr0), pe | mask(Cr0::ne));
    set_field(Field::guest_rip, 0x100);
    mov_cr0(mask(Cr0::et));
    expect_done();
    EXPECT_EQ(guest_cr0(), mask(Cr0::et));
    EXPECT_FALSE(has(field(Field::guest_cr0), Cr0::pe));
    EXPECT_EQ(fake::vmx().invvpids.size(), 2u);
}

TEST_F(CrAccesses, CachesOfTheMachineStayOn) {
    mov_cr0(mask(Cr0::cd, Cr0::nw, Cr0::pe));
    expect_done();
    EXPECT_EQ(guest_cr0(), mask(Cr0::cd, Cr0::nw, Cr0::pe, Cr0::et));
    EXPECT_EQ(field(Field::guest_cr0) & mask(Cr0::cd, Cr0::nw), 0u);
}

TEST_F(CrAccesses, EtIsAlwaysOneAndReservedBitsAreDropped) {
    mov_cr0(mask(Cr0::pe) | bit(7) | bit(28));
    expect_done();
    EXPECT_EQ(guest_cr0(), pe);
}

TEST_F(CrAccesses, InvalidCombinationsInRealMode) {
    mov_cr0(mask(Cr0::pg));
    expect_gp(false);
    mov_cr0(mask(Cr0::nw));
    expect_gp(false);
    EXPECT_EQ(guest_cr0(), 0x60000010u);
}

TEST_F(CrAccesses, InvalidCombinationInProtectedModeHasAnErrorCode) {
    protected_mode();
    mov_cr0(mask(Cr0::pg));
    expect_gp(true);
    EXPECT_EQ(field(Field::entry_exception_error_code), 0u);
}

TEST_F(CrAccesses, UpperHalfOfTheRegisterCountsOnlyIn64BitCode) {
    mov_cr0(pe | bit(40));
    expect_done();
    set_field(Field::guest_rip, 0x100);
    protected_mode();
    set_field(Field::guest_efer, mask(Efer::lme, Efer::lma));
    set_field(Field::guest_cs_access_rights, 0xa09b);
    mov_cr0(pe | bit(40));
    expect_gp(true);
}

TEST_F(CrAccesses, PagingWithoutPae) {
    protected_mode();
    mov_cr0(pe_pg);
    expect_done();
    EXPECT_EQ(field(Field::guest_cr0), pe_pg | mask(Cr0::ne));
    EXPECT_FALSE(has(field(Field::entry_controls), EntryControl::ia32e_mode_guest));
    EXPECT_EQ(fake::vmx().invvpids.size(), 1u);
}

TEST_F(CrAccesses, IntoLongModeAndBack) {
    protected_mode();
    set_field(Field::guest_cr4, mask(Cr4::pae, Cr4::vmxe));
    set_field(Field::guest_efer, mask(Efer::lme));
    mov_cr0(pe_pg);
    expect_done();
    EXPECT_EQ(field(Field::guest_efer), mask(Efer::lme, Efer::lma));
    EXPECT_TRUE(has(field(Field::entry_controls), EntryControl::ia32e_mode_guest));
    set_field(Field::guest_rip, 0x100);
    mov_cr0(pe);
    expect_done();
    EXPECT_EQ(field(Field::guest_efer), mask(Efer::lme));
    EXPECT_FALSE(has(field(Field::entry_controls), EntryControl::ia32e_mode_guest));
}

TEST_F(CrAccesses, LongModeNeedsPaeAndA32BitTss) {
    protected_mode();
    set_field(Field::guest_efer, mask(Efer::lme));
    mov_cr0(pe_pg);
    expect_gp(true);
    set_field(Field::guest_cr4, mask(Cr4::pae, Cr4::vmxe));
    set_field(Field::guest_tr_access_rights, 0x83);
    mov_cr0(pe_pg);
    expect_gp(true);
    set_field(Field::guest_tr_access_rights, 0x8b);
    set_field(Field::guest_cs_access_rights, 0xa09b);
    mov_cr0(pe_pg);
    expect_gp(true);
}

TEST_F(CrAccesses, LmswSetsPeAndNeverClearsIt) {
    exit(ExitReason::cr_access, lmsw(0x9), 3);
    expect_done();
    EXPECT_EQ(guest_cr0(), 0x60000010u | mask(Cr0::pe, Cr0::ts));
    set_field(Field::guest_rip, 0x100);
    exit(ExitReason::cr_access, lmsw(0xfff6), 3);
    expect_done();
    EXPECT_EQ(guest_cr0(), 0x60000010u | mask(Cr0::pe, Cr0::mp, Cr0::em));
}

// No CPU exits for it.
TEST_F(CrAccesses, AnotherRegisterIsTheOwnersBusiness) {
    for (const u64 access : {to_cr(2, GeneralRegister::rbx), from_cr(2, GeneralRegister::rbx)}) {
        stops = 0;
        exit(ExitReason::cr_access, access, 3);
        EXPECT_TRUE(stopped());
        EXPECT_EQ(stop.reason, VISOR_STOP_UNHANDLED);
        EXPECT_EQ(field(Field::guest_rip), 0x100u);
    }
}

TEST_F(CrAccesses, CltsClearsTs) {
    protected_mode(mask(Cr0::ts));
    exit(ExitReason::cr_access, clts, 3);
    expect_done();
    EXPECT_EQ(guest_cr0(), pe);
}

TEST_F(CrAccesses, MceIsSeenButAlwaysOn) {
    EXPECT_TRUE(has(field(Field::guest_cr4), Cr4::mce));
    EXPECT_EQ(guest_cr4(), 0u);
    mov_cr4(mask(Cr4::mce, Cr4::pse));
    expect_done();
    EXPECT_EQ(guest_cr4(), mask(Cr4::mce, Cr4::pse));
    set_field(Field::guest_rip, 0x100);
    mov_cr4(0);
    expect_done();
    EXPECT_EQ(guest_cr4(), 0u);
    EXPECT_EQ(field(Field::guest_cr4), mask(Cr4::mce, Cr4::vmxe));
}

TEST_F(CrAccesses, Cr4BitsThatAGuestMayNotSet) {
    for (const Cr4 bit : {Cr4::vmxe, Cr4::smxe, Cr4::pcide, Cr4::smep, Cr4::smap, Cr4::umip,
                          Cr4::fsgsbase, Cr4::la57, Cr4::cet, Cr4::pke}) {
        set_field(Field::entry_interruption_info, 0);
        mov_cr4(mask(bit));
        expect_gp(false);
    }
    EXPECT_EQ(guest_cr4(), 0u);
}

TEST_F(CrAccesses, Cr4BitsThatTheCpuHasNot) {
    globals.facts.cr4_fixed1 &= ~mask(Cr4::osxmmexcpt);
    mov_cr4(mask(Cr4::osxmmexcpt));
    expect_gp(false);
}

TEST_F(CrAccesses, PaeCannotBeClearedInLongMode) {
    protected_mode(mask(Cr0::pg));
    set_field(Field::guest_cr4, mask(Cr4::pae, Cr4::vmxe, Cr4::mce));
    set_field(Field::guest_efer, mask(Efer::lme, Efer::lma));
    mov_cr4(mask(Cr4::mce));
    expect_gp(true);
}

TEST_F(CrAccesses, Cr8IsNotTheMachines) {
    gprs.r9 = 11;
    exit(ExitReason::cr_access, to_cr(8, GeneralRegister::r9), 4);
    EXPECT_EQ(cpu.rm.cr8, 11u);
    exit(ExitReason::cr_access, from_cr(8, GeneralRegister::r15), 4);
    EXPECT_EQ(gprs.r15, 11u);
    exit(ExitReason::cr_access, from_cr(8, GeneralRegister::rsp), 4);
    EXPECT_EQ(field(Field::guest_rsp), 11u);
    EXPECT_TRUE(fake::cpu().msr_writes.empty());
    set_field(Field::guest_rip, 0x100);
    gprs.r9 = 16;
    exit(ExitReason::cr_access, to_cr(8, GeneralRegister::r9), 4);
    expect_gp(false);
    EXPECT_EQ(cpu.rm.cr8, 11u);
}

// Such an exit comes only while the guest is guarded (test_rsm_guard.cpp).
TEST_F(CrAccesses, Cr3IsReadAndWrittenAsItIs) {
    gprs.rax = 0x5000;
    exit(ExitReason::cr_access, to_cr(3, GeneralRegister::rax), 3);
    EXPECT_EQ(field(Field::guest_cr3), 0x5000u);
    exit(ExitReason::cr_access, from_cr(3, GeneralRegister::rcx), 3);
    EXPECT_EQ(gprs.rcx, 0x5000u);
}

TEST_F(CrAccesses, WithAFlushThatFailsTheGuestStops) {
    const auto failed_flush = [this] {
        return stop.reason == VISOR_STOP_VMX_ERROR && fake::vmx().invvpids.empty();
    };
    for (unsigned skip = 0; !failed_flush(); ++skip) {
        ASSERT_LT(skip, 100u) << "nothing but the flush failed";
        stop = {};
        fake::vmx().invvpids.clear();
        fake::vmx().fail_after(skip);
        mov_cr0(pe);
    }
}

// What the guest sees is what it wrote, whatever the CPU runs with.
TEST(ControlRegisters, HardwareValuesKeepTheFixedBits) {
    const visor_cpu_facts facts = haswell_facts();
    for (u64 visible = 0; visible < bit(11); ++visible) {
        const u64 cr4 = hardware_cr4(visible, facts);
        EXPECT_EQ(cr4 & ~facts.cr4_fixed1, 0u);
        EXPECT_EQ(cr4 & facts.cr4_fixed0, facts.cr4_fixed0);
    }
    for (const u64 visible : {u64{0}, mask(Cr0::pe), pe_pg, ~u64{0} >> 32}) {
        const u64 cr0 = hardware_cr0(visible, facts);
        EXPECT_EQ(cr0 & mask(Cr0::cd, Cr0::nw), 0u);
        EXPECT_TRUE(has(cr0, Cr0::ne));
        EXPECT_EQ(cr0 & cr0_mode_bits, visible & cr0_mode_bits);
        EXPECT_EQ(high32(cr0), 0u);
    }
}

}  // namespace
}  // namespace rmv
