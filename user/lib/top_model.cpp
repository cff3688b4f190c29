// SPDX-License-Identifier: GPL-2.0-only
#include "top_model.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace rmguest {
namespace {

struct RowKey {
    std::string cpu, guest, reason;
    friend auto operator<=>(const RowKey&, const RowKey&) = default;
};

struct Sum {
    std::uint64_t total = 0;
    std::uint64_t count = 0;
    std::uint64_t ticks = 0;
};

std::string guest_name(const StatsRow& row, const Sample& now) {
    if (row.whose == ExitsOf::linux_guest) {
        return "linux";
    }
    const auto found = now.guests.find(row.cpu);
    return found == now.guests.end() ? "guests" : found->second;
}

RowKey key_of(const StatsRow& row, const Sample& now, TopGroup group) {
    RowKey key{fmt::format("{}", row.cpu), guest_name(row, now), exit_reason_name(row.reason)};
    switch (group) {
        case TopGroup::all: return key;
        case TopGroup::reason: return {"-", "-", key.reason};
        case TopGroup::cpu: return {key.cpu, "-", "-"};
        case TopGroup::guest: return {"-", key.guest, "-"};
    }
    return key;
}

bool has_text(const RowKey& key, const std::string& text) {
    return text.empty() || key.reason.find(text) != std::string::npos ||
           key.guest.find(text) != std::string::npos || key.cpu == text;
}

std::map<RowKey, Sum> sums(const Sample& base, const Sample& before, const Sample& now,
                           const TopChoice& choice) {
    std::map<RowKey, Sum> sums;
    for (const StatsRow& row : difference(base.stats, now.stats).rows) {
        const RowKey key = key_of(row, now, choice.group);
        if (has_text(key, choice.filter)) {
            sums[key].total += row.entry.count;
        }
    }
    for (const StatsRow& row : difference(before.stats, now.stats).rows) {
        const auto found = sums.find(key_of(row, now, choice.group));
        if (found != sums.end()) {
            found->second.count += row.entry.count;
            found->second.ticks += row.entry.ticks;
        }
    }
    return sums;
}

void sort_rows(std::vector<TopRow>& rows, TopOrder order) {
    const auto name = [](const TopRow& row) { return std::tie(row.reason, row.guest, row.cpu); };
    std::ranges::stable_sort(rows, [&](const TopRow& left, const TopRow& right) {
        switch (order) {
            case TopOrder::rate:
                return std::tuple(right.rate, right.total) < std::tuple(left.rate, left.total);
            case TopOrder::ticks: return right.ticks_rate < left.ticks_rate;
            case TopOrder::total: return right.total < left.total;
            case TopOrder::name: return name(left) < name(right);
        }
        return false;
    });
}

template <typename Choice, std::size_t count>
Result<Choice> parse_choice(std::string_view text,
                            const std::array<std::pair<Choice, const char*>, count>& choices) {
    std::string names;
    for (const auto& [choice, name] : choices) {
        if (text == name) {
            return choice;
        }
        names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    }
    return Error{fmt::format("'{}' is none of {}", text, names), {}};
}

template <typename Choice, std::size_t count>
const char* name_of(Choice wanted,
                    const std::array<std::pair<Choice, const char*>, count>& choices) {
    for (const auto& [choice, name] : choices) {
        if (choice == wanted) {
            return name;
        }
    }
    return "unknown";
}

constexpr std::array<std::pair<TopGroup, const char*>, 4> groups{{{TopGroup::all, "all"},
                                                                  {TopGroup::reason, "reason"},
                                                                  {TopGroup::cpu, "cpu"},
                                                                  {TopGroup::guest, "guest"}}};
constexpr std::array<std::pair<TopOrder, const char*>, 4> orders{{{TopOrder::rate, "rate"},
                                                                  {TopOrder::ticks, "ticks"},
                                                                  {TopOrder::total, "total"},
                                                                  {TopOrder::name, "name"}}};

std::string format_row(const TopRow& row) {
    return fmt::format("{:>4} {:<7} {:<26} {:>11} {:>9.0f} {:>8} {:>6.1f}", row.cpu,
                       row.guest.substr(0, 7), row.reason.substr(0, 26), row.total, row.rate,
                       row.average ? fmt::format("{:.0f}", *row.average) : "-", row.share);
}

}  // namespace

std::vector<TopRow> top_rows(const Sample& base, const Sample& before, const Sample& now,
                             const TopChoice& choice) {
    const double seconds = std::max(now.seconds - before.seconds, 1e-3);
    const auto all = sums(base, before, now, choice);
    Sum whole;
    for (const auto& [key, sum] : all) {
        whole.count += sum.count;
        whole.ticks += sum.ticks;
    }
    std::vector<TopRow> rows;
    for (const auto& [key, sum] : all) {
        TopRow row;
        row.cpu = key.cpu;
        row.guest = key.guest;
        row.reason = key.reason;
        row.total = sum.total;
        row.rate = static_cast<double>(sum.count) / seconds;
        row.ticks_rate = static_cast<double>(sum.ticks) / seconds;
        if (sum.count != 0 && sum.ticks != 0) {
            row.average = static_cast<double>(sum.ticks) / static_cast<double>(sum.count);
        }
        const std::uint64_t part = whole.ticks != 0 ? sum.ticks : sum.count;
        const std::uint64_t of = whole.ticks != 0 ? whole.ticks : whole.count;
        row.share = of == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(of);
        rows.push_back(std::move(row));
    }
    sort_rows(rows, choice.order);
    return rows;
}

Result<TopGroup> parse_top_group(std::string_view text) { return parse_choice(text, groups); }
Result<TopOrder> parse_top_order(std::string_view text) { return parse_choice(text, orders); }
const char* to_string(TopGroup group) { return name_of(group, groups); }
const char* to_string(TopOrder order) { return name_of(order, orders); }

std::vector<std::string> draw_top(const std::vector<TopRow>& rows, const TopChoice& choice,
                                  double interval, const TopScreen& screen) {
    double rate = 0;
    double ticks = 0;
    for (const TopRow& row : rows) {
        rate += row.rate;
        ticks += row.ticks_rate;
    }
    std::vector<std::string> lines;
    lines.push_back(fmt::format("rmguest top: {:.0f} exits/s, {:.0f} ticks/s in root, every {:g} s",
                                rate, ticks, interval));
    lines.push_back(fmt::format("rows by {}, sorted by {}{}; h for help", to_string(choice.group),
                                to_string(choice.order),
                                choice.filter.empty() ? "" : ", only '" + choice.filter + "'"));
    lines.push_back(fmt::format("{:>4} {:<7} {:<26} {:>11} {:>9} {:>8} {:>6}", "CPU", "GUEST",
                                "REASON", "EXITS", "EXITS/S", "TICKS/EX", "%"));
    for (std::size_t index = screen.first; index < rows.size(); ++index) {
        lines.push_back(format_row(rows[index]));
    }
    if (rows.empty()) {
        lines.emplace_back("no exits yet");
    }
    lines.resize(std::min(lines.size(), static_cast<std::size_t>(std::max(screen.height, 0))));
    for (std::string& line : lines) {
        line.resize(std::min(line.size(), static_cast<std::size_t>(std::max(screen.width, 0))));
    }
    return lines;
}

}  // namespace rmguest
