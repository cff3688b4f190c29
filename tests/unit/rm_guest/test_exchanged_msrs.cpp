// SPDX-License-Identifier: GPL-2.0-only
// MSRs that guest and Linux have in turn: neither sees the other's.
#include "rm_guest/exchanged_msrs.hpp"

#include "rm_guest/guest.hpp"
#include "rm_guest/msr_access.hpp"

namespace rmv {
namespace {

constexpr Msr all[] = {Msr::star,  Msr::lstar,          Msr::cstar,
                       Msr::fmask, Msr::kernel_gs_base, Msr::tsc_aux};

class ExchangedMsrs : public Guest {
protected:
    void SetUp() override { reset(); }

    bool write(Msr msr, u64 value) {
        Vmcs vmcs;
        Status flushed = success;
        return write_guest_msr(cpu, vmcs, msr, value, flushed);
    }
    u64 read(Msr msr) {
        Vmcs vmcs;
        const auto value = read_guest_msr(cpu, vmcs, msr);
        EXPECT_TRUE(value);
        return value.value_or(0);
    }
};

TEST_F(ExchangedMsrs, GuestStartsWithZeros) {
    for (const Msr msr : all) EXPECT_EQ(read(msr), 0u);
}

TEST_F(ExchangedMsrs, GuestHasWhatItWrote) {
    for (const Msr msr : all) {
        EXPECT_TRUE(write(msr, 0x1234));
        EXPECT_EQ(read(msr), 0x1234u);
        EXPECT_EQ(fake::cpu().rdmsr(msr), 0x1234u) << "in the CPU, for SYSCALL and SWAPGS";
    }
}

TEST_F(ExchangedMsrs, WhatWrmsrRefusesIsRefused) {
    for (const Msr msr : {Msr::lstar, Msr::cstar, Msr::kernel_gs_base}) {
        EXPECT_FALSE(write(msr, 0x8000'0000'0000));
        EXPECT_TRUE(write(msr, 0xffff'8000'0000'0000));
    }
    for (const Msr msr : {Msr::fmask, Msr::tsc_aux}) EXPECT_FALSE(write(msr, bit(32)));
    EXPECT_TRUE(write(Msr::star, ~u64{0}));
}

TEST_F(ExchangedMsrs, NextGuestSeesNothingOfTheOneBefore) {
    for (const Msr msr : all) EXPECT_TRUE(write(msr, 0x1234));
    reset();
    for (const Msr msr : all) EXPECT_EQ(read(msr), 0u);
}

TEST_F(ExchangedMsrs, LinuxGetsItsOwnBack) {
    for (const Msr msr : all) EXPECT_TRUE(write(msr, 0x1234));
    reset();
    give_back_exchanged_msrs(cpu);
    for (const Msr msr : all)
        EXPECT_EQ(fake::cpu().rdmsr(msr), linux_msr_value + static_cast<u32>(msr));
    give_back_exchanged_msrs(cpu);
    EXPECT_EQ(fake::cpu().rdmsr(Msr::star), linux_msr_value + static_cast<u32>(Msr::star));
}

TEST_F(ExchangedMsrs, CpuWithoutRdtscpHasNoTscAux) {
    fake::cpu().leaves[{0x80000001, 0}].edx &= ~(1u << 27);
    fake::cpu().msrs.erase(static_cast<u32>(Msr::tsc_aux));
    reset();
    EXPECT_FALSE(write(Msr::tsc_aux, 1));
    give_back_exchanged_msrs(cpu);
}

}  // namespace
}  // namespace rmv
