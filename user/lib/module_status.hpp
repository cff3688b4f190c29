// SPDX-License-Identifier: GPL-2.0-only
//
// debugfs rmvisor/status: each CPU's state and owner.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "error.hpp"

namespace rmguest {

struct CpuStatus {
    std::uint32_t cpu = 0;
    std::string state;                // linux, native, parked, running, broken
    std::string owner;                // linux, vm3/0, ...
    std::optional<std::uint32_t> vm;  // of a real-mode guest's vCPU
    std::optional<std::uint32_t> vcpu;
    std::optional<std::uint32_t> pid;                             // of the guest's owner
    std::string name;                                             // that the owner gave it, or ""
    std::vector<std::pair<std::string, std::uint64_t>> counters;  // in the file's order
    std::string fault;                                            // what went wrong, or ""
};

[[nodiscard]] std::vector<CpuStatus> parse_status(const std::string& text);

[[nodiscard]] Result<std::vector<CpuStatus>> read_status(const std::string& debugfs);

}  // namespace rmguest
