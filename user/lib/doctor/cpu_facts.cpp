// SPDX-License-Identifier: GPL-2.0-only
#include "cpu_facts.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <charconv>
#include <sstream>

#include "lib/file_descriptor.hpp"
#include "x86/msr.hpp"
#include "x86/smm.hpp"
#include "x86/types.hpp"

namespace rmguest::doctor {
namespace {

using rmv::Msr;

// Without the TRUE ones (SDM: Pin-Based VM-Execution Controls, appendix VMX Capability Reporting).
constexpr std::uint32_t plain_pin = 0x481, plain_primary = 0x482, plain_exit = 0x483,
                        plain_entry = 0x484;

std::set<std::string> words_of(const std::string& line) {
    const auto words = split_words(line);
    return {words.begin(), words.end()};
}

void take_line(CpuFacts& cpu, const std::string& key, const std::string& value) {
    if (key == "processor") {
        std::from_chars(value.data(), value.data() + value.size(), cpu.number);
    } else if (key == "vendor_id") {
        cpu.vendor = value;
    } else if (key == "model name") {
        cpu.model_name = value;
    } else if (key == "flags") {
        cpu.flags = words_of(value);
    } else if (key == "vmx flags") {
        cpu.vmx_flags = words_of(value);
        cpu.has_vmx_line = true;
    }
}

class MsrFile {
public:
    MsrFile(const SystemFiles& files, std::uint32_t cpu)
        : file_(::open(files.real_path(fmt::format("/dev/cpu/{}/msr", cpu)).c_str(),
                       O_RDONLY | O_CLOEXEC)) {}

    [[nodiscard]] bool is_open() const { return static_cast<bool>(file_); }

    // Nothing where the CPU has no such MSR.
    [[nodiscard]] std::optional<std::uint64_t> read(std::uint32_t number) const {
        std::uint64_t value = 0;
        const ssize_t count = ::pread(file_.get(), &value, sizeof(value), number);
        return count == sizeof(value) ? std::optional{value} : std::nullopt;
    }
    [[nodiscard]] std::optional<std::uint64_t> read(Msr number) const {
        return read(static_cast<std::uint32_t>(number));
    }

private:
    FileDescriptor file_;
};

std::optional<VmxMsrs> read_vmx_msrs(const MsrFile& file) {
    const auto basic = file.read(Msr::vmx_basic);
    if (!basic) {
        return std::nullopt;
    }
    const bool has_true = (*basic & basic_true_controls) != 0;
    const auto pick = [&](Msr with, std::uint32_t without) {
        return (has_true ? file.read(with) : file.read(without)).value_or(0);
    };
    return VmxMsrs{
        .feature_control = file.read(Msr::feature_control).value_or(0),
        .basic = *basic,
        .pin = pick(Msr::vmx_true_pinbased_ctls, plain_pin),
        .primary = pick(Msr::vmx_true_procbased_ctls, plain_primary),
        .secondary = file.read(Msr::vmx_procbased_ctls2).value_or(0),
        .exit = pick(Msr::vmx_true_exit_ctls, plain_exit),
        .entry = pick(Msr::vmx_true_entry_ctls, plain_entry),
        .ept_vpid_cap = file.read(Msr::vmx_ept_vpid_cap).value_or(0),
    };
}

// Two of them fault where the bit that announces them is 0; the rest read as nothing then.
SmmMsrs read_smm_msrs(const MsrFile& file) {
    SmmMsrs msrs{.feature_control = file.read(Msr::feature_control),
                 .vmx_basic = file.read(Msr::vmx_basic),
                 .smm_monitor_ctl = {},
                 .mtrr_cap = file.read(Msr::mtrr_cap),
                 .smrr_physbase = {},
                 .smrr_physmask = {}};
    if ((msrs.vmx_basic.value_or(0) & rmv::vmx_basic_dual_monitor) != 0) {
        msrs.smm_monitor_ctl = file.read(Msr::smm_monitor_ctl);
    }
    if ((msrs.mtrr_cap.value_or(0) & rmv::mtrr_cap_smrr) != 0) {
        msrs.smrr_physbase = file.read(Msr::smrr_physbase);
        msrs.smrr_physmask = file.read(Msr::smrr_physmask);
    }
    return msrs;
}

}  // namespace

std::vector<CpuFacts> parse_cpuinfo(const std::string& text) {
    std::vector<CpuFacts> cpus;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto colon = line.find(':');
        if (colon == std::string::npos) {
            continue;
        }
        std::string key = line.substr(0, colon);
        key.erase(key.find_last_not_of(" \t") + 1);
        if (key == "processor") {
            cpus.emplace_back();
        }
        if (!cpus.empty()) {
            take_line(cpus.back(), key, colon + 2 <= line.size() ? line.substr(colon + 2) : "");
        }
    }
    return cpus;
}

std::vector<CpuFacts> read_cpus(const SystemFiles& files) {
    std::vector<CpuFacts> cpus = parse_cpuinfo(files.read("/proc/cpuinfo").value_or(""));
    for (CpuFacts& cpu : cpus) {
        const MsrFile file(files, cpu.number);
        if (file.is_open()) {
            cpu.feature_control = file.read(Msr::feature_control);
            cpu.msrs = read_vmx_msrs(file);
            cpu.smm = read_smm_msrs(file);
        }
    }
    return cpus;
}

}  // namespace rmguest::doctor
