// SPDX-License-Identifier: GPL-2.0-only
#include "module_stats.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <tuple>

#include "exit/reason.hpp"
#include "read_file.hpp"
#include "trace_source.hpp"

namespace rmguest {
namespace {

using CounterKey = std::tuple<std::uint32_t, std::uint16_t, ExitsOf>;

CounterKey key_of(const StatsRow& row) { return {row.cpu, row.reason, row.whose}; }

void add_row(Stats& stats, std::uint32_t cpu, unsigned reason, ExitsOf whose,
             const rmvisor_stats_entry& entry) {
    if (entry.count != 0) {
        stats.rows.push_back({cpu, static_cast<std::uint16_t>(reason), whose, entry});
    }
}

std::uint64_t grown(std::uint64_t before, std::uint64_t now) {
    return now >= before ? now - before : now;
}

rmvisor_stats_entry grown(const rmvisor_stats_entry& before, const rmvisor_stats_entry& now) {
    rmvisor_stats_entry entry{};
    entry.count = grown(before.count, now.count);
    entry.ticks = grown(before.ticks, now.ticks);
    for (unsigned index = 0; index < RMVISOR_STATS_BUCKETS; ++index) {
        entry.histogram[index] = grown(before.histogram[index], now.histogram[index]);
    }
    return entry;
}

}  // namespace

Result<Stats> parse_stats(const std::vector<std::uint8_t>& bytes, const std::string& name) {
    // 23 KiB: not for the stack.
    const auto raw = std::make_unique<rmvisor_stats>();
    const bool is_whole = bytes.size() == sizeof(*raw);
    if (is_whole) {
        std::memcpy(raw.get(), bytes.data(), sizeof(*raw));
    }
    if (!is_whole || raw->version != RMVISOR_STATS_VERSION) {
        return Error{fmt::format("{} has statistics of version {}, {} bytes", name, raw->version,
                                 bytes.size()),
                     "use the rmguest and the module of one build"};
    }
    Stats stats;
    for (unsigned reason = 0; reason < RMVISOR_STATS_REASONS; ++reason) {
        add_row(stats, raw->cpu, reason, ExitsOf::linux_guest, raw->linux_exits[reason]);
        add_row(stats, raw->cpu, reason, ExitsOf::real_mode_guests, raw->guest_exits[reason]);
    }
    return stats;
}

Stats parse_stats_text(const std::string& text, std::uint32_t cpu) {
    Stats stats;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        unsigned number = 0;
        unsigned reason = 0;
        rmvisor_stats_entry linux_exits{};
        rmvisor_stats_entry guest_exits{};
        // The name has blanks in it, and the numbers are the last two words before latencies.
        line.resize(std::min(line.size(), line.find(" |")));
        const auto guests = line.find_last_of(' ');
        const auto space =
            guests == std::string::npos ? guests : line.find_last_not_of(' ', guests);
        const auto linux_at = space == std::string::npos ? space : line.find_last_of(' ', space);
        if (linux_at == std::string::npos ||
            std::sscanf(line.c_str(), "%u %u", &number, &reason) != 2 || number != cpu ||
            reason >= RMVISOR_STATS_REASONS ||
            std::sscanf(line.c_str() + linux_at, "%llu %llu", &linux_exits.count,
                        &guest_exits.count) != 2) {
            continue;
        }
        add_row(stats, cpu, reason, ExitsOf::linux_guest, linux_exits);
        add_row(stats, cpu, reason, ExitsOf::real_mode_guests, guest_exits);
    }
    return stats;
}

Result<Stats> read_stats_of(const std::string& debugfs, std::uint32_t cpu) {
    const std::string path = fmt::format("{}/per_cpu/cpu{}/stats_raw", debugfs, cpu);
    if (const auto bytes = read_file(path)) {
        return parse_stats(*bytes, path);
    }
    const auto text = read_file(debugfs + "/stats");
    if (!text) {
        return text.error();
    }
    return parse_stats_text({text->begin(), text->end()}, cpu);
}

Result<Stats> read_stats(const std::string& debugfs) {
    const auto cpus = traced_cpus(debugfs);
    if (!cpus) {
        return cpus.error();
    }
    Stats all;
    for (const std::uint32_t cpu : *cpus) {
        auto one = read_stats_of(debugfs, cpu);
        if (!one) {
            return one.error();
        }
        std::ranges::move(one->rows, std::back_inserter(all.rows));
    }
    return all;
}

Stats difference(const Stats& before, const Stats& now) {
    std::map<CounterKey, const rmvisor_stats_entry*> old;
    for (const StatsRow& row : before.rows) {
        old[key_of(row)] = &row.entry;
    }
    Stats changed;
    for (const StatsRow& row : now.rows) {
        const auto found = old.find(key_of(row));
        StatsRow difference = row;
        if (found != old.end()) {
            difference.entry = grown(*found->second, row.entry);
        }
        if (difference.entry.count != 0) {
            changed.rows.push_back(difference);
        }
    }
    return changed;
}

std::uint64_t count_guest_exits(const Stats& stats, std::uint32_t cpu) {
    std::uint64_t sum = 0;
    for (const StatsRow& row : stats.rows) {
        sum += row.cpu == cpu && row.whose == ExitsOf::real_mode_guests ? row.entry.count : 0;
    }
    return sum;
}

std::string exit_reason_name(std::uint16_t reason) {
    const auto known = rmv::decode_reason(reason);
    return known ? rmv::to_string(*known) : fmt::format("exit reason {}", reason);
}

}  // namespace rmguest
