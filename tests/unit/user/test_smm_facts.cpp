// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "lib/doctor/doctor.hpp"
#include "lib/doctor/smm_facts.hpp"

namespace rmguest::doctor {
namespace {

namespace fs = std::filesystem;

CpuFacts cpu_with(std::uint32_t number, const SmmMsrs& msrs) {
    CpuFacts cpu;
    cpu.number = number;
    cpu.smm = msrs;
    return cpu;
}

constexpr std::uint64_t dual_monitor = std::uint64_t{1} << 49;

Findings smm_rows(const std::vector<CpuFacts>& cpus) {
    const SystemFiles nothing("/nowhere");
    return check_smm_cpus({nothing, cpus});
}

const Finding& row(const Findings& findings, const std::string& subject) {
    return *std::ranges::find(findings, subject, &Finding::subject);
}

TEST(SmmFacts, WithoutAMonitorAllIsWell) {
    const Findings rows = smm_rows({cpu_with(0, {.feature_control = 5, .vmx_basic = 1})});
    EXPECT_EQ(row(rows, "dual-monitor SMM").verdict, Verdict::ok);
    EXPECT_EQ(row(rows, "SMI after VMXOFF").verdict, Verdict::ok);
    EXPECT_NE(row(rows, "FEATURE_CONTROL").text.find("0x5: locked, VMX on, VMX in SMX off"),
              std::string::npos);
}

TEST(SmmFacts, AnInstalledMonitorAndBlockedSmisAreWarnedOf) {
    const auto rows_of = [](std::uint64_t control) {
        return smm_rows({cpu_with(0, {.vmx_basic = dual_monitor, .smm_monitor_ctl = control})});
    };
    EXPECT_EQ(row(rows_of(0), "dual-monitor SMM").verdict, Verdict::ok);
    EXPECT_EQ(row(rows_of(1), "dual-monitor SMM").verdict, Verdict::warning);
    EXPECT_EQ(row(rows_of(1), "SMI after VMXOFF").verdict, Verdict::ok);
    EXPECT_EQ(row(rows_of(4), "SMI after VMXOFF").verdict, Verdict::warning);
    EXPECT_EQ(row(rows_of(4), "dual-monitor SMM").verdict, Verdict::ok);
}

TEST(SmmFacts, APossibleMonitorThatCanNotBeSeenIsSaid) {
    const Findings rows = smm_rows({cpu_with(0, {.vmx_basic = dual_monitor})});
    EXPECT_EQ(row(rows, "dual-monitor SMM").verdict, Verdict::unseen);
}

TEST(SmmFacts, CpusThatDifferGetRowsOfTheirOwn) {
    const SmmMsrs with{.vmx_basic = dual_monitor, .smm_monitor_ctl = 1};
    const SmmMsrs without{.vmx_basic = 0};
    const Findings rows = smm_rows({cpu_with(0, without), cpu_with(1, with), cpu_with(2, without)});
    const auto first = std::ranges::find(rows, "dual-monitor SMM", &Finding::subject);
    EXPECT_EQ(first->cpus, (std::vector<std::uint32_t>{0, 2}));
    EXPECT_EQ((first + 1)->cpus, std::vector<std::uint32_t>{1});
}

TEST(SmmFacts, CpusThatCanNotBeReadAreUnseen) {
    const Findings rows = smm_rows(std::vector<CpuFacts>(2));
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows.front().verdict, Verdict::unseen);
    EXPECT_EQ(rows.front().cpus.size(), 2u);
}

TEST(SmmFacts, SmrrIsARangeOnceItIsValid) {
    const SmmMsrs closed{
        .mtrr_cap = 0x800, .smrr_physbase = 0x7f00'0006, .smrr_physmask = 0xff80'0800};
    const auto range = smrr_of(closed);
    ASSERT_TRUE(range);
    EXPECT_EQ(range->base, 0x7f00'0000u);
    EXPECT_EQ(range->bytes, 0x80'0000u);
    SmmMsrs open = closed;
    open.smrr_physmask = 0xff80'0000;
    EXPECT_FALSE(smrr_of(open));
    EXPECT_EQ(row(smm_rows({cpu_with(0, closed)}), "SMRR").verdict, Verdict::ok);
    EXPECT_EQ(row(smm_rows({cpu_with(0, open)}), "SMRR").verdict, Verdict::note);
}

// ---- the machine -------------------------------------------------------------

std::string fadt(std::uint32_t smi_command, std::uint32_t pm1a_event) {
    std::string table(244, '\0');
    table.replace(0, 4, "FACP");
    std::memcpy(table.data() + 48, &smi_command, 4);
    table[52] = '\xf1';
    table[53] = '\xf0';
    std::memcpy(table.data() + 56, &pm1a_event, 4);
    return table;
}

TEST(SmmFacts, OnlyAnFadtIsOne) {
    const auto good = parse_fadt(fadt(0xb2, 0x600));
    ASSERT_TRUE(good);
    EXPECT_EQ(good->smi_command, 0xb2u);
    EXPECT_EQ(good->acpi_enable, 0xf1);
    EXPECT_EQ(good->acpi_disable, 0xf0);
    EXPECT_EQ(good->pm1a_event, 0x600u);
    EXPECT_FALSE(parse_fadt(""));
    EXPECT_FALSE(parse_fadt(fadt(0xb2, 0x600).substr(0, 59)));
    EXPECT_FALSE(parse_fadt("APIC" + std::string(240, '\0')));
}

class SmiSourcesTest : public testing::Test {
protected:
    void SetUp() override {
        root = testing::TempDir() + "rmguest_smi_sources";
        fs::remove_all(root);
    }
    void TearDown() override { fs::remove_all(root); }

    void write(const std::string& path, const std::string& text) {
        fs::create_directories(fs::path(root + path).parent_path());
        std::ofstream(root + path, std::ios::binary) << text;
    }

    void add_device(const std::string& where, const std::string& device, const std::string& type) {
        const std::string folder = "/sys/bus/pci/devices/" + where;
        write(folder + "/vendor", "0x8086\n");
        write(folder + "/device", device + "\n");
        write(folder + "/class", type + "\n");
    }

    void write_port(std::uint32_t port, std::uint32_t value) {
        std::string bytes(port, '\0');
        bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
        write("/dev/port", bytes);
    }

    [[nodiscard]] Findings rows() const {
        const SystemFiles files(root);
        return check_smi_sources({files, {}});
    }

    std::string root;
};

TEST_F(SmiSourcesTest, IchEnablesAreNamed) {
    write("/sys/firmware/acpi/tables/FACP", fadt(0xb2, 0x400));
    add_device("0000:00:1f.0", "0x2918", "0x060100");
    write_port(0x430, 0x2021 | 1u << 3);
    const SmiSources sources = read_smi_sources(SystemFiles(root));
    ASSERT_TRUE(sources.enable);
    EXPECT_EQ(sources.enable->port, 0x430u);
    EXPECT_EQ(enabled_sources(Chipset::ich, sources.enable->value.value()),
              (std::vector<std::string>{"legacy USB", "APM port", "TCO"}));
    EXPECT_NE(row(rows(), "SMI command").text.find("port 0xb2; 0xf1"), std::string::npos);
    EXPECT_NE(row(rows(), "TCO watchdog").text.find("no driver"), std::string::npos);
    write("/sys/class/watchdog/watchdog0/identity", "iTCO_wdt\n");
    EXPECT_NE(row(rows(), "TCO watchdog").text.find("iTCO_wdt"), std::string::npos);
}

TEST_F(SmiSourcesTest, SmisThatAreOffComeFromNowhere) {
    write("/sys/firmware/acpi/tables/FACP", fadt(0xb2, 0x400));
    add_device("0000:00:1f.0", "0x2918", "0x060100");
    write_port(0x430, 0x2020);
    EXPECT_TRUE(enabled_sources(Chipset::ich, 0x2020).empty());
    EXPECT_EQ(row(rows(), "SMI sources").verdict, Verdict::ok);
    EXPECT_EQ(rows().size(), 2u);
}

TEST_F(SmiSourcesTest, Piix4HasItsRegisterElsewhere) {
    write("/sys/firmware/acpi/tables/FACP", fadt(0xb2, 0xb000));
    add_device("0000:00:01.3", "0x7113", "0x068000");
    write_port(0xb028, 1);
    const SmiSources sources = read_smi_sources(SystemFiles(root));
    EXPECT_EQ(sources.enable.value().chipset, Chipset::piix4);
    EXPECT_EQ(sources.enable->value, 1u);
}

TEST_F(SmiSourcesTest, WithoutDevPortTheModuleTells) {
    write("/sys/firmware/acpi/tables/FACP", fadt(0xb2, 0xb000));
    add_device("0000:00:01.3", "0x7113", "0x068000");
    EXPECT_EQ(row(rows(), "SMI sources").verdict, Verdict::unseen);
    write("/sys/kernel/debug/rmvisor/smm",
          "chipset PIIX4\nsmi_enable_port 0xb028\nsmi_enable 0x21\n");
    EXPECT_EQ(read_smi_sources(SystemFiles(root)).enable.value().value, 0x21u);
}

TEST_F(SmiSourcesTest, AnUnknownChipsetIsNoReasonToWorry) {
    write("/sys/firmware/acpi/tables/FACP", fadt(0, 0x600));
    EXPECT_EQ(row(rows(), "SMI sources").verdict, Verdict::note);
    EXPECT_NE(row(rows(), "SMI command").text.find("names no port"), std::string::npos);
}

TEST_F(SmiSourcesTest, WithoutAcpiThereIsNoPort) {
    EXPECT_EQ(row(rows(), "SMI command").verdict, Verdict::note);
}

}  // namespace
}  // namespace rmguest::doctor
