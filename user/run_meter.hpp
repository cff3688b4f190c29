// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/machine.hpp"
#include "lib/module_stats.hpp"
#include "lib/stats_switch.hpp"

namespace rmguest {

// Exits of one guest by reason, from the module's statistics of its CPUs: what they have grown by
// while the guest had them. Nothing is known without debugfs.
class RunMeter {
public:
    // After the vCPUs are there, before they run. With `measures_ticks`, the module measures what
    // exits take as long as this lives.
    RunMeter(const std::string& debugfs, const Machine& machine, bool measures_ticks);

    // Of all its CPUs together, by reason, those with most exits first.
    struct Row {
        std::uint16_t reason;
        std::uint64_t count;
        std::uint64_t ticks;
    };
    [[nodiscard]] std::optional<std::vector<Row>> read() const;

private:
    struct Start {
        std::uint32_t cpu;
        Stats stats;
    };

    std::string debugfs_;
    std::unique_ptr<StatsSwitch> ticks_;
    std::vector<Start> starts_;
    bool is_known_ = true;
};

}  // namespace rmguest
