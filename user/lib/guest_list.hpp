// SPDX-License-Identifier: GPL-2.0-only
//
// What runs: the guests' own answers, joined with what the module tells of CPUs.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "error.hpp"
#include "module_stats.hpp"
#include "module_status.hpp"

namespace rmguest {

// What the module tells; without the module, or the right to read, the reason why it does not.
struct ModuleView {
    std::vector<CpuStatus> cpus;
    std::optional<Stats> stats;
    std::optional<Error> unseen;
};

[[nodiscard]] ModuleView look_at_module(const std::string& debugfs);

// One object per guest, those of other programs than rmguest included:
// {"name","pid","image","vm","memory","vcpus":[{"id","cpu","state","exits",...}],...}
[[nodiscard]] nlohmann::ordered_json list_guests(const std::vector<nlohmann::ordered_json>& answers,
                                                 const ModuleView& view);

// One object per CPU.
[[nodiscard]] nlohmann::ordered_json list_cpus(const ModuleView& view);

}  // namespace rmguest
