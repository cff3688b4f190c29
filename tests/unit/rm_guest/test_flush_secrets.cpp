// SPDX-License-Identifier: GPL-2.0-only
// L1 data cache, buffers and branch predictors between Linux and a guest: what the CPU has and
// needs.
#include "rm_guest/flush_secrets.hpp"

#include "rm_guest/guest.hpp"

namespace rmv {
namespace {

constexpr u32 md_clear = 1u << 10, ibrs_ibpb = 1u << 26, l1d_flush = 1u << 28, arch_cap = 1u << 29;

class FlushSecrets : public Guest {
protected:
    void features(u32 edx) { fake::cpu().leaves[{7, 0}].edx = edx; }
    bool wrote(Msr msr) const {
        for (const fake::MsrWrite& write : fake::cpu().msr_writes)
            if (write == fake::MsrWrite{msr, 1}) return true;
        return false;
    }
    void flush() {
        fake::cpu().msr_writes.clear();
        fake::cpu().verws = 0;
        flush_secrets();
    }
    // The MSRs that a CPU with these features has; the fake CPU fails on any other.
    void has_msrs(std::initializer_list<Msr> msrs) {
        for (const Msr msr : msrs) fake::cpu().set(msr, 0);
    }
};

TEST_F(FlushSecrets, CpuThatSaysNothingIsLeftAlone) {
    flush();
    EXPECT_TRUE(fake::cpu().msr_writes.empty());
    EXPECT_EQ(fake::cpu().verws, 0u);
}

TEST_F(FlushSecrets, CpuWithoutTheLeafIsLeftAlone) {
    fake::cpu().leaves[{0, 0}].eax = 6;
    features(~0u);
    flush();
    EXPECT_TRUE(fake::cpu().msr_writes.empty());
}

TEST_F(FlushSecrets, EachByItsOwnFeature) {
    has_msrs({Msr::pred_cmd, Msr::flush_cmd});
    features(ibrs_ibpb);
    flush();
    EXPECT_TRUE(wrote(Msr::pred_cmd));
    EXPECT_FALSE(wrote(Msr::flush_cmd));
    features(l1d_flush);
    flush();
    EXPECT_FALSE(wrote(Msr::pred_cmd));
    EXPECT_TRUE(wrote(Msr::flush_cmd));
    features(md_clear);
    flush();
    EXPECT_EQ(fake::cpu().verws, 1u);
    EXPECT_TRUE(fake::cpu().msr_writes.empty());
}

TEST_F(FlushSecrets, CpuThatDoesNotLeakFromL1IsNotFlushed) {
    has_msrs({Msr::flush_cmd});
    features(l1d_flush | arch_cap);
    for (const u64 capabilities : {bit(0), bit(3), bit(0) | bit(3)}) {
        fake::cpu().set(Msr::arch_capabilities, capabilities);
        flush();
        EXPECT_FALSE(wrote(Msr::flush_cmd)) << capabilities;
    }
    fake::cpu().set(Msr::arch_capabilities, bit(1));
    flush();
    EXPECT_TRUE(wrote(Msr::flush_cmd));
}

TEST_F(FlushSecrets, GuestAndLinuxAreKeptApart) {
    has_msrs({Msr::pred_cmd});
    features(ibrs_ibpb | md_clear);
    command(VISOR_COMMAND_RESET);
    EXPECT_TRUE(wrote(Msr::pred_cmd));
    EXPECT_EQ(fake::cpu().verws, 1u);
    fake::cpu().msr_writes.clear();
    EXPECT_EQ(command(VISOR_COMMAND_GIVE_BACK), Next::enter);
    EXPECT_TRUE(wrote(Msr::pred_cmd));
    EXPECT_EQ(fake::cpu().verws, 2u);
}

}  // namespace
}  // namespace rmv
