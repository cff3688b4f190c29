// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/trace_source.hpp"

namespace rmguest {

// The options of `rmguest trace` as the user wrote them.
struct TraceArguments {
    std::string file;  // empty: the running module
    std::optional<std::uint32_t> cpu;
    std::optional<std::uint32_t> vm;  // 0: Linux
    std::string image;
    std::string load;
    std::string debugfs = default_debugfs;
    bool json = false;
};

}  // namespace rmguest
