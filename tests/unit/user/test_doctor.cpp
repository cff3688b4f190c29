// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "lib/doctor/doctor.hpp"

namespace rmguest::doctor {
namespace {

namespace fs = std::filesystem;

constexpr const char* good_cpu =
    "vendor_id\t: GenuineIntel\nmodel name\t: A CPU\nflags\t\t: fpu vmx ept vpid\n"
    "vmx flags\t: vnmi preemption_timer unrestricted_guest\n\n";

// A Linux in a folder.
class DoctorTest : public testing::Test {
protected:
    void SetUp() override {
        root = testing::TempDir() + "rmguest_doctor";
        fs::remove_all(root);
        write("/proc/cpuinfo",
              "processor\t: 0\n" + std::string(good_cpu) + "processor\t: 1\n" + good_cpu);
        write("/proc/sys/kernel/osrelease", "6.1.0-56-cloud-amd64\n");
        write("/proc/self/mounts", "debugfs /sys/kernel/debug debugfs rw 0 0\n");
        write("/sys/devices/system/cpu/cpu1/online", "1\n");
        write("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
    }
    void TearDown() override { fs::remove_all(root); }

    void write(const std::string& path, const std::string& text) {
        fs::create_directories(fs::path(root + path).parent_path());
        std::ofstream(root + path) << text;
    }

    [[nodiscard]] Findings blocking() const {
        Findings found = examine(SystemFiles(root)).findings;
        std::erase_if(found, [](const Finding& one) { return one.verdict != Verdict::blocks; });
        return found;
    }

    void expect_blocked_by(const std::string& subject) {
        const Findings found = blocking();
        ASSERT_EQ(found.size(), 1u);
        EXPECT_EQ(found.front().subject, subject);
        EXPECT_NE(found.front().cure, "");
    }

    std::string root;
};

TEST_F(DoctorTest, AGoodMachineHasNothingThatBlocks) { EXPECT_TRUE(blocking().empty()); }

TEST_F(DoctorTest, OneBadCpuIsNamed) {
    write("/proc/cpuinfo", "processor\t: 0\n" + std::string(good_cpu) +
                               "processor\t: 7\nvendor_id\t: GenuineIntel\nflags\t: fpu vmx ept "
                               "vpid\nvmx flags\t: vnmi preemption_timer\n");
    const Findings found = blocking();
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].subject, "unrestricted guest");
    EXPECT_EQ(found[0].cpus, std::vector<std::uint32_t>{7});
    EXPECT_EQ(found[1].subject, "equal CPUs");
}

TEST_F(DoctorTest, WithoutVmxNothingElseIsAskedOfACpu) {
    write("/proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t: fpu\n");
    expect_blocked_by("VMX");
}

TEST_F(DoctorTest, OldKernelsDoNotTellEverything) {
    write("/proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t: vmx ept vpid\n");
    EXPECT_TRUE(blocking().empty());
    EXPECT_TRUE(has(examine(SystemFiles(root)), Verdict::unseen));
}

TEST_F(DoctorTest, KvmBlocksWhileItHoldsVmx) {
    write("/proc/modules", "kvm_intel 380928 0 - Live 0x0\nkvm 1146880 1 kvm_intel, Live 0x0\n");
    EXPECT_TRUE(blocking().empty());
    write("/sys/module/kvm/parameters/enable_virt_at_load", "Y\n");
    expect_blocked_by("KVM");
    write("/sys/module/kvm/parameters/enable_virt_at_load", "N\n");
    EXPECT_TRUE(blocking().empty());
    write("/proc/modules", "kvm_intel 380928 3 - Live 0x0\n");
    expect_blocked_by("KVM");
}

TEST_F(DoctorTest, LockdownBlocks) {
    write("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
    expect_blocked_by("lockdown");
}

TEST_F(DoctorTest, LockdownThatCanNotBeSeenIsSaid) {
    fs::remove(root + "/sys/kernel/security/lockdown");
    const auto lockdown = [this] {
        const Findings found = examine(SystemFiles(root)).findings;
        return std::ranges::find(found, "lockdown", &Finding::subject)->verdict;
    };
    EXPECT_EQ(lockdown(), Verdict::unseen);
    write("/proc/self/mounts", "securityfs /sys/kernel/security securityfs rw 0 0\n");
    EXPECT_EQ(lockdown(), Verdict::ok);
}

TEST_F(DoctorTest, SignedModulesOnlyBlocks) {
    write("/sys/module/module/parameters/sig_enforce", "Y\n");
    expect_blocked_by("signatures");
}

TEST_F(DoctorTest, FredBlocks) {
    write("/proc/cpuinfo",
          "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t: vmx ept vpid "
          "fred\nvmx flags\t: vnmi preemption_timer unrestricted_guest\n");
    expect_blocked_by("FRED");
}

TEST_F(DoctorTest, AnotherVendorBlocks) {
    write("/proc/cpuinfo", "processor\t: 0\nvendor_id\t: AuthenticAMD\nflags\t: svm\n");
    EXPECT_EQ(blocking().size(), 2u);
}

TEST_F(DoctorTest, OneCpuIsNoReasonToRefuse) {
    fs::remove_all(root + "/sys/devices/system/cpu/cpu1");
    EXPECT_TRUE(blocking().empty());
    EXPECT_TRUE(has(examine(SystemFiles(root)), Verdict::warning));
}

// Capability MSRs of Bochs's corei7_haswell_4770.
VmxMsrs haswell() {
    return {.feature_control = 5,
            .basic = 0x00da04000000002b,
            .pin = 0x0000007f00000016,
            .primary = 0xfff9fffe04006172,
            .secondary = 0x00003fff00000000,
            .exit = 0x007fffff00036dfb,
            .entry = 0x0000ffff000011fb,
            .ept_vpid_cap = 0x00000f0106334141};
}

CpuFacts with(const VmxMsrs& msrs) {
    CpuFacts cpu;
    cpu.msrs = msrs;
    cpu.feature_control = msrs.feature_control;
    return cpu;
}

TEST(DoctorMsrs, AGoodCpuHasAll) {
    for (const auto& answer : check_cpu(with(haswell()))) {
        EXPECT_EQ(answer, true);
    }
}

struct Lack {
    Need need;
    std::uint64_t VmxMsrs::*word;
    std::uint64_t bit;
};

class DoctorLack : public testing::TestWithParam<Lack> {};

TEST_P(DoctorLack, OneBitLessIsFound) {
    VmxMsrs msrs = haswell();
    msrs.*GetParam().word &= ~(std::uint64_t{1} << GetParam().bit);
    const Answers answers = check_cpu(with(msrs));
    for (std::size_t index = 0; index < answers.size(); ++index) {
        EXPECT_EQ(answers.at(index), index != static_cast<std::size_t>(GetParam().need)) << index;
    }
}

INSTANTIATE_TEST_SUITE_P(Bits, DoctorLack,
                         testing::Values(Lack{Need::firmware, &VmxMsrs::feature_control, 0},
                                         Lack{Need::firmware, &VmxMsrs::feature_control, 2},
                                         Lack{Need::true_controls, &VmxMsrs::basic, 55},
                                         Lack{Need::ept, &VmxMsrs::secondary, 33},
                                         Lack{Need::ept, &VmxMsrs::ept_vpid_cap, 14},
                                         Lack{Need::vpid, &VmxMsrs::secondary, 37},
                                         Lack{Need::unrestricted_guest, &VmxMsrs::secondary, 39},
                                         Lack{Need::preemption_timer, &VmxMsrs::pin, 38},
                                         Lack{Need::virtual_nmis, &VmxMsrs::pin, 37}));

}  // namespace
}  // namespace rmguest::doctor
