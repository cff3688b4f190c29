// SPDX-License-Identifier: GPL-2.0-only
//
// What can be known of each CPU without the module.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "system_files.hpp"

namespace rmguest::doctor {

// Of IA32_VMX_BASIC: the TRUE control MSRs are there.
inline constexpr std::uint64_t basic_true_controls = std::uint64_t{1} << 55;

// Of /dev/cpu/N/msr, which root can read when the msr driver is there.
struct VmxMsrs {
    std::uint64_t feature_control = 0;
    std::uint64_t basic = 0;
    std::uint64_t pin = 0;  // the TRUE ones where the CPU has them
    std::uint64_t primary = 0;
    std::uint64_t secondary = 0;
    std::uint64_t exit = 0;
    std::uint64_t entry = 0;
    std::uint64_t ept_vpid_cap = 0;

    friend bool operator==(const VmxMsrs&, const VmxMsrs&) = default;
};

// What the same file says of system-management mode. Each is empty where the CPU has no such MSR.
struct SmmMsrs {
    std::optional<std::uint64_t> feature_control;
    std::optional<std::uint64_t> vmx_basic;
    std::optional<std::uint64_t> smm_monitor_ctl;
    std::optional<std::uint64_t> mtrr_cap;
    std::optional<std::uint64_t> smrr_physbase;
    std::optional<std::uint64_t> smrr_physmask;

    friend bool operator==(const SmmMsrs&, const SmmMsrs&) = default;
};

struct CpuFacts {
    std::uint32_t number = 0;
    std::string vendor;
    std::string model_name;
    std::set<std::string> flags;      // /proc/cpuinfo "flags"
    std::set<std::string> vmx_flags;  // "vmx flags"; Linux 5.6 and later
    bool has_vmx_line = false;
    std::optional<std::uint64_t> feature_control;
    std::optional<VmxMsrs> msrs;  // only if the CPU has VMX
    std::optional<SmmMsrs> smm;   // only if the file can be read
};

// The online CPUs, as /proc/cpuinfo has them.
[[nodiscard]] std::vector<CpuFacts> parse_cpuinfo(const std::string& text);

// The same, with the MSRs of those whose file can be read.
[[nodiscard]] std::vector<CpuFacts> read_cpus(const SystemFiles& files);

}  // namespace rmguest::doctor
