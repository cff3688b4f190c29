// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/guest.hpp"
#include "vmx/controls.hpp"

namespace rmv {
namespace {

class Msrs : public Guest {
protected:
    void SetUp() override {
        reset();
        run();
        set_field(Field::guest_rip, 0x100);
    }

    // Empty: #GP(0).
    std::optional<u64> rdmsr(u32 msr) {
        set_field(Field::entry_interruption_info, 0);
        gprs.rcx = msr | bit(40);  // only ECX counts
        gprs.rax = gprs.rdx = ~u64{0};
        exit(ExitReason::rdmsr, 0, 2);
        if (is_gp()) return std::nullopt;
        EXPECT_EQ(high32(gprs.rax) | high32(gprs.rdx), 0u);
        return join(low32(gprs.rdx), low32(gprs.rax));
    }
    std::optional<u64> rdmsr(Msr msr) { return rdmsr(static_cast<u32>(msr)); }

    bool wrmsr(u32 msr, u64 value) {
        set_field(Field::entry_interruption_info, 0);
        gprs.rcx = msr;
        gprs.rax = low32(value) | bit(50);
        gprs.rdx = high32(value) | bit(50);
        exit(ExitReason::wrmsr, 0, 2);
        return !is_gp();
    }
    bool wrmsr(Msr msr, u64 value) { return wrmsr(static_cast<u32>(msr), value); }

private:
    bool is_gp() {
        EXPECT_FALSE(stopped());
        const u64 rip = field(Field::guest_rip);
        set_field(Field::guest_rip, 0x100);
        if (!injected()) {
            EXPECT_EQ(rip, 0x102u);
            return false;
        }
        EXPECT_EQ(rip, 0x100u);
        EXPECT_EQ(injected()->vector, 13);
        EXPECT_FALSE(injected()->has_error_code) << "real mode";
        return true;
    }
};

TEST_F(Msrs, OfTheMachineAreOutOfReach) {
    fake::cpu().msr_writes.clear();
    for (const u32 msr :
         {0x3au, 0x8bu, 0x1d9u, 0x200u, 0x2ffu, 0x480u, 0x808u, 0x830u, 0xda0u, 0xffffffffu}) {
        EXPECT_EQ(rdmsr(msr), std::nullopt) << std::hex << msr;
        EXPECT_FALSE(wrmsr(msr, 0)) << std::hex << msr;
    }
    EXPECT_TRUE(fake::cpu().msr_writes.empty());
}

TEST_F(Msrs, InTheVmcsKeepWhatIsWritten) {
    const std::pair<Msr, u64> writes[] = {{Msr::sysenter_cs, 0x10},
                                          {Msr::sysenter_esp, 0xffff800000001000},
                                          {Msr::sysenter_eip, 0x00007ffffffff000},
                                          {Msr::fs_base, 0x12345678},
                                          {Msr::gs_base, 0xffffffff80000000},
                                          {Msr::pat, 0x0706050401000606}};
    for (const auto& [msr, value] : writes) {
        EXPECT_TRUE(wrmsr(msr, value));
        EXPECT_EQ(rdmsr(msr), value);
    }
    EXPECT_TRUE(fake::cpu().msr_writes.empty());
}

TEST_F(Msrs, NonCanonicalAddressesAreRefused) {
    for (const Msr msr : {Msr::sysenter_esp, Msr::sysenter_eip, Msr::fs_base, Msr::gs_base})
        for (const u64 address : {u64{0x0000800000000000}, u64{0xffff7fffffffffff}})
            EXPECT_FALSE(wrmsr(msr, address));
}

TEST_F(Msrs, PatRefusesReservedTypesInEveryEntry) {
    for (unsigned entry = 0; entry < 8; ++entry)
        for (const u64 type : {u64{2}, u64{3}, u64{8}, u64{0xff}})
            EXPECT_FALSE(wrmsr(Msr::pat, type << (entry * 8)));
    EXPECT_EQ(rdmsr(Msr::pat), pat_reset);
}

TEST_F(Msrs, EferTakesLmeAndNxe) {
    EXPECT_TRUE(wrmsr(Msr::efer, mask(Efer::lme, Efer::nxe)));
    EXPECT_EQ(rdmsr(Msr::efer), mask(Efer::lme, Efer::nxe));
    EXPECT_FALSE(has(field(Field::entry_controls), EntryControl::ia32e_mode_guest));
}

TEST_F(Msrs, EferFlushesTranslations) {
    fake::vmx().invvpids.clear();
    EXPECT_TRUE(wrmsr(Msr::efer, mask(Efer::nxe)));
    EXPECT_EQ(fake::vmx().invvpids.size(), 1u);
}

TEST_F(Msrs, EferLmaIsReadOnly) {
    EXPECT_TRUE(wrmsr(Msr::efer, mask(Efer::lma)));
    EXPECT_EQ(rdmsr(Msr::efer), 0u);
}

TEST_F(Msrs, EferReservedBitsAreRefused) {
    for (const u64 value : {bit(1), bit(12), bit(14), bit(63)})
        EXPECT_FALSE(wrmsr(Msr::efer, value)) << std::hex << value;
    fake::cpu().leaves[{0x80000001, 0}].edx = 0x20000000;  // a CPU without NX
    EXPECT_FALSE(wrmsr(Msr::efer, mask(Efer::nxe)));
    EXPECT_TRUE(wrmsr(Msr::efer, mask(Efer::lme)));
}

TEST_F(Msrs, ApicStaysWhereItIs) {
    EXPECT_EQ(rdmsr(Msr::apic_base), 0xfee00900u);
    EXPECT_TRUE(wrmsr(Msr::apic_base, 0xfee00900));
    EXPECT_FALSE(wrmsr(Msr::apic_base, 0xfee00d00));
    EXPECT_FALSE(wrmsr(Msr::apic_base, 0xfed00900));
}

TEST_F(Msrs, TscCanBeReadAndWritten) {
    const auto first = rdmsr(Msr::tsc), second = rdmsr(Msr::tsc);
    ASSERT_TRUE(first && second);
    EXPECT_LT(*first, *second);
    EXPECT_TRUE(wrmsr(Msr::tsc, 0));
    EXPECT_LT(rdmsr(Msr::tsc), *second);
}

TEST_F(Guest, LmeCannotBeChangedWhilePagingIsOn) {
    reset();
    run();
    protected_mode(mask(Cr0::pg));
    gprs.rcx = static_cast<u32>(Msr::efer);
    gprs.rax = mask(Efer::lme);
    gprs.rdx = 0;
    exit(ExitReason::wrmsr, 0, 2);
    ASSERT_TRUE(injected());
    EXPECT_EQ(injected()->vector, 13);
    EXPECT_TRUE(injected()->has_error_code);
}

TEST_F(Guest, NxeCanBeChangedInLongMode) {
    reset();
    run();
    protected_mode(mask(Cr0::pg));
    set_field(Field::guest_efer, mask(Efer::lme, Efer::lma));
    gprs.rcx = static_cast<u32>(Msr::efer);
    gprs.rax = mask(Efer::lme, Efer::nxe);
    gprs.rdx = 0;
    exit(ExitReason::wrmsr, 0, 2);
    EXPECT_FALSE(injected());
    EXPECT_EQ(field(Field::guest_efer), mask(Efer::lme, Efer::lma, Efer::nxe));
}

}  // namespace
}  // namespace rmv
