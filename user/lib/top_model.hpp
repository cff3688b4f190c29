// SPDX-License-Identifier: GPL-2.0-only
//
// What rmguest top shows: rates of exits between two looks at the statistics.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module_stats.hpp"

namespace rmguest {

enum class TopGroup { all, reason, cpu, guest };  // what makes a row
enum class TopOrder { rate, ticks, total, name };

struct TopRow {
    std::string cpu;    // "-" where a row has several
    std::string guest;  // linux, a guest's name or vm3, or guests
    std::string reason;
    std::uint64_t total = 0;        // since the start, or since it was reset
    double rate = 0;                // exits per second
    std::optional<double> average;  // ticks in root per exit; nothing while they are not measured
    double ticks_rate = 0;          // ticks in root per second
    double share = 0;               // of all ticks, or of all exits while ticks are not measured
};

struct TopChoice {
    TopGroup group = TopGroup::all;
    TopOrder order = TopOrder::rate;
    std::string filter = {};  // rows with this in a name; all if empty
};

// One look.
struct Sample {
    Stats stats;
    double seconds = 0;                                // since any moment
    std::map<std::uint32_t, std::string> guests = {};  // CPU to the guest that has it
};

// `base` is the look that totals count from, `before` the one that rates do.
[[nodiscard]] std::vector<TopRow> top_rows(const Sample& base, const Sample& before,
                                           const Sample& now, const TopChoice& choice);

// "all", "reason", "cpu" or "guest"; "rate", "ticks", "total" or "name".
[[nodiscard]] Result<TopGroup> parse_top_group(std::string_view text);
[[nodiscard]] Result<TopOrder> parse_top_order(std::string_view text);
[[nodiscard]] const char* to_string(TopGroup group);
[[nodiscard]] const char* to_string(TopOrder order);

// The screen as lines of at most `width` characters, `height` of them at most: a summary, the
// header, which is the third line, and as many rows as there is room for, from row `first` on.
struct TopScreen {
    int width = 80;
    int height = 24;
    std::size_t first = 0;
};
constexpr std::size_t top_header_line = 2;
[[nodiscard]] std::vector<std::string> draw_top(const std::vector<TopRow>& rows,
                                                const TopChoice& choice, double interval,
                                                const TopScreen& screen);

}  // namespace rmguest
