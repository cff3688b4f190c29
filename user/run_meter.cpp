// SPDX-License-Identifier: GPL-2.0-only
#include "run_meter.hpp"

#include <algorithm>
#include <map>

namespace rmguest {

RunMeter::RunMeter(const std::string& debugfs, const Machine& machine, bool measures_ticks)
    : debugfs_(debugfs), is_known_(machine.device().is_rmvisor) {
    if (!is_known_) {
        return;
    }
    if (measures_ticks) {
        ticks_ = std::make_unique<StatsSwitch>(debugfs);
    }
    for (const auto& vcpu : machine.vcpus()) {
        const auto info = vcpu->info();
        auto stats = info ? read_stats_of(debugfs, info->cpu) : Result<Stats>(Error{});
        if (!stats) {
            is_known_ = false;
            return;
        }
        starts_.push_back({info->cpu, *std::move(stats)});
    }
}

std::optional<std::vector<RunMeter::Row>> RunMeter::read() const {
    if (!is_known_) {
        return std::nullopt;
    }
    std::map<std::uint16_t, Row> rows;
    for (const Start& start : starts_) {
        const auto now = read_stats_of(debugfs_, start.cpu);
        if (!now) {
            return std::nullopt;
        }
        for (const StatsRow& grown : difference(start.stats, *now).rows) {
            if (grown.whose == ExitsOf::real_mode_guests) {
                Row& row = rows[grown.reason];
                row.reason = grown.reason;
                row.count += grown.entry.count;
                row.ticks += grown.entry.ticks;
            }
        }
    }
    std::vector<Row> sorted;
    for (const auto& [reason, row] : rows) {
        sorted.push_back(row);
    }
    std::ranges::stable_sort(sorted, std::ranges::greater{}, &Row::count);
    return sorted;
}

}  // namespace rmguest
