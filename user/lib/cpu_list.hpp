// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"

namespace rmguest {

// Linux's way of naming CPUs: "1,2,5-7". The order is kept; a CPU that is there twice is refused.
[[nodiscard]] Result<std::vector<std::uint32_t>> parse_cpu_list(std::string_view text);

// The shortest form of an ascending list; "none" of an empty one.
[[nodiscard]] std::string format_cpu_list(const std::vector<std::uint32_t>& cpus);

}  // namespace rmguest
