// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "abi.h"

namespace {

TEST(StatusText, EveryStatusHasItsOwnText) {
    std::set<std::string> texts;
    for (rmv_u32 status = 0; status < VISOR_STATUS_COUNT; ++status) {
        ASSERT_NE(visor_status_text(status), nullptr);
        ASSERT_NE(visor_status_cure(status), nullptr);
        EXPECT_TRUE(texts.insert(visor_status_text(status)).second) << visor_status_text(status);
    }
}

TEST(StatusText, EveryRefusalOfPreFlightHasACure) {
    for (rmv_u32 status = VISOR_NO_VMX; status <= VISOR_CPUS_DIFFER; ++status)
        EXPECT_STRNE(visor_status_cure(status), "") << visor_status_text(status);
}

TEST(StatusText, NamesTheOtherHypervisorsCure) {
    EXPECT_STREQ(visor_status_text(VISOR_VMX_IN_USE),
                 "VMX is already in use on this CPU (CR4.VMXE is set)");
    EXPECT_STREQ(visor_status_cure(VISOR_VMX_IN_USE),
                 "unload the other hypervisor: modprobe -r kvm_intel, or boot with "
                 "kvm.enable_virt_at_load=0");
}

TEST(StatusText, UnknownNumbersAreNamedSo) {
    EXPECT_STREQ(visor_status_text(VISOR_STATUS_COUNT), "unknown status");
    EXPECT_STREQ(visor_status_text(~0u), "unknown status");
    EXPECT_STREQ(visor_status_cure(VISOR_STATUS_COUNT), "");
}

TEST(StatusText, FitsALineOfTheKernelLog) {
    for (rmv_u32 status = 0; status < VISOR_STATUS_COUNT; ++status)
        EXPECT_LT(std::string(visor_status_text(status)).size(), 160u);
}

TEST(ExitReasonText, IsTheManualsName) {
    EXPECT_STREQ(visor_exit_reason_text(10), "CPUID");
    EXPECT_STREQ(visor_exit_reason_text(30), "I/O instruction");
}

TEST(ExitReasonText, UndefinedReasonsAreNamedSo) {
    for (const rmv_u32 reason : {35u, 78u, 200u, 0xffffu})
        EXPECT_STREQ(visor_exit_reason_text(reason), "undefined exit reason") << reason;
}

}  // namespace
