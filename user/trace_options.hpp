// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/trace_choice.hpp"
#include "lib/trace_source.hpp"
#include "lib/vm_names.hpp"
#include "trace_print.hpp"

namespace rmguest {

// The options of `rmguest trace` as the user wrote them.
struct TraceArguments {
    std::string file;  // empty: the running module
    std::string cpus;
    std::string vm;  // number or name
    std::string reasons;
    std::string image;
    std::string load;
    std::string debugfs = default_debugfs;
    std::string format = "text";
    std::string output;
    std::string record;
    std::string filter;
    std::string seconds;
    bool follow = false;
    bool json = false;
};

// The same, checked.
struct TracePlan {
    TraceChoice choice;
    std::optional<Image> image;
    TraceFormat format;
    std::optional<double> seconds;
};

[[nodiscard]] Result<TracePlan> plan_trace(const TraceArguments& arguments);

// With the guest that --vm names.
[[nodiscard]] Result<TraceChoice> complete_choice(const TraceArguments& arguments,
                                                  const TracePlan& plan, const VmNames& names);

}  // namespace rmguest
