// SPDX-License-Identifier: GPL-2.0-only
//
// Which records rmguest trace shows.
#pragma once

#include <linux/rmvisor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "error.hpp"

namespace rmguest {

struct TraceChoice {
    std::vector<std::uint32_t> cpus;  // all if empty
    std::optional<std::uint32_t> vm;  // 0: Linux
    // Basic exit reasons; all if empty. With reasons, only exits are chosen.
    std::vector<std::uint16_t> reasons;
};

// Comma-separated numbers, or parts of the SDM's names, which may mean several: "cpuid,i/o,28".
[[nodiscard]] Result<std::vector<std::uint16_t>> parse_reasons(const std::string& text);

[[nodiscard]] bool is_chosen(const TraceChoice& choice, const rmvisor_trace_record& record);

}  // namespace rmguest
