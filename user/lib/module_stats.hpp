// SPDX-License-Identifier: GPL-2.0-only
//
// The exit statistics of the running module, from debugfs.
#pragma once

#include <linux/rmvisor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "error.hpp"

namespace rmguest {

// Whose exits a row counts.
enum class ExitsOf { linux_guest, real_mode_guests };

// Of one CPU and reason. All counters only grow.
struct StatsRow {
    std::uint32_t cpu;
    std::uint16_t reason;
    ExitsOf whose;
    rmvisor_stats_entry entry;
};

struct Stats {
    std::vector<StatsRow> rows;  // those that count something, by CPU, reason and whose
};

// One CPU; `name` is for messages.
[[nodiscard]] Result<Stats> parse_stats(const std::vector<std::uint8_t>& bytes,
                                        const std::string& name);

// The text of debugfs stats, which has counts and no ticks: "CPU REASON NAME LINUX GUESTS".
[[nodiscard]] Stats parse_stats_text(const std::string& text, std::uint32_t cpu);

// stats_raw where the module has it, else the text.
[[nodiscard]] Result<Stats> read_stats_of(const std::string& debugfs, std::uint32_t cpu);
// Every CPU.
[[nodiscard]] Result<Stats> read_stats(const std::string& debugfs);

// What was counted since `before`; rows that did not change are left away. Where a counter fell,
// because the statistics were reset or the module loaded anew, the new value counts in full.
[[nodiscard]] Stats difference(const Stats& before, const Stats& now);

// Exits of real-mode guests on that CPU, of all reasons.
[[nodiscard]] std::uint64_t count_guest_exits(const Stats& stats, std::uint32_t cpu);

// The SDM's name of a basic exit reason, or its number.
[[nodiscard]] std::string exit_reason_name(std::uint16_t reason);

}  // namespace rmguest
