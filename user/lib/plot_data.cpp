// SPDX-License-Identifier: GPL-2.0-only
#include "plot_data.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <set>

#include "timeline.hpp"
#include "trace_text.hpp"

namespace rmguest {
namespace {

constexpr std::size_t most_reasons = 8;

// gnuplot's own quoting: within single quotes only a quote has to be doubled.
std::string quote(const std::string& text) {
    std::string quoted = "'";
    for (const char character : text) {
        quoted += character == '\'' ? "''" : std::string(1, character);
    }
    return quoted + "'";
}

std::string preamble(const std::string& terminal, const std::string& output,
                     const std::string& title) {
    const std::string where = output.empty() ? "" : fmt::format("set output {}\n", quote(output));
    return fmt::format("set terminal {} size 1000,600\n{}set title {}\nset grid\n", terminal, where,
                       quote(title));
}

std::size_t bucket_of(std::uint32_t ticks) {
    return ticks == 0 ? 0 : static_cast<std::size_t>(std::bit_width(ticks) - 1);
}

void add_up(LatencyHistogram& sum, const LatencyHistogram& other) {
    sum.exits += other.exits;
    sum.buckets.resize(std::max(sum.buckets.size(), other.buckets.size()));
    for (std::size_t index = 0; index < other.buckets.size(); ++index) {
        sum.buckets[index] += other.buckets[index];
    }
}

constexpr std::uint64_t tallest_by_ones = 10;

struct KindStyle {
    SliceKind kind;
    const char* colour;
    const char* title;
};
constexpr std::array kind_styles{
    KindStyle{SliceKind::guest, "#4daf4a", "guest or Linux"},
    KindStyle{SliceKind::visor, "#e41a1c", "visor"},
    KindStyle{SliceKind::user, "#377eb8", "user"},
    KindStyle{SliceKind::parked, "#bbbbbb", "parked"},
};

std::uint64_t first_start(const std::vector<Slice>& slices) {
    const auto first = std::ranges::min_element(slices, {}, &Slice::start);
    return first == slices.end() ? 0 : first->start;
}

}  // namespace

std::vector<LatencyHistogram> latency_histograms(const Trace& trace, std::size_t most) {
    std::map<std::string, LatencyHistogram> by_name;
    for (const TraceFileEntry& entry : trace.entries) {
        if (entry.record.type != RMVISOR_TRACE_EXIT) {
            continue;
        }
        LatencyHistogram& histogram = by_name[describe_event(entry.record)];
        const std::size_t bucket = bucket_of(entry.record.root_ticks);
        histogram.buckets.resize(std::max(histogram.buckets.size(), bucket + 1));
        ++histogram.buckets[bucket];
        ++histogram.exits;
    }
    std::vector<LatencyHistogram> all;
    for (auto& [name, histogram] : by_name) {
        histogram.name = name;
        all.push_back(std::move(histogram));
    }
    std::ranges::stable_sort(all, std::ranges::greater{}, &LatencyHistogram::exits);
    if (all.size() > most) {
        LatencyHistogram other{.name = "other", .exits = 0, .buckets = {}};
        for (std::size_t index = most - 1; index < all.size(); ++index) {
            add_up(other, all[index]);
        }
        all.resize(most - 1);
        all.push_back(std::move(other));
    }
    return all;
}

std::string histogram_script(const Trace& trace, const std::string& terminal,
                             const std::string& output) {
    const auto histograms = latency_histograms(trace, most_reasons);
    std::size_t buckets = 0;
    std::size_t first = 64;
    for (const LatencyHistogram& histogram : histograms) {
        buckets = std::max(buckets, histogram.buckets.size());
        const auto used =
            std::ranges::find_if(histogram.buckets, [](std::uint64_t count) { return count != 0; });
        first = std::min(first, static_cast<std::size_t>(used - histogram.buckets.begin()));
    }
    std::string script = preamble(terminal, output, "VM exits by time in the visor");
    script +=
        "set style data histograms\nset style histogram rowstacked\nset style fill solid "
        "0.8 border -1\nset boxwidth 0.9\nset xlabel 'TSC ticks, from'\nset ylabel "
        "'exits'\nset yrange [0:*]\n$data << END\n";
    std::uint64_t highest = 0;
    for (std::size_t bucket = first; bucket < buckets; ++bucket) {
        script += fmt::format("{}", std::uint64_t{1} << bucket);
        std::uint64_t exits = 0;
        for (const LatencyHistogram& histogram : histograms) {
            const std::uint64_t part =
                bucket < histogram.buckets.size() ? histogram.buckets[bucket] : 0;
            script += fmt::format(" {}", part);
            exits += part;
        }
        highest = std::max(highest, exits);
        script += '\n';
    }
    script += "END\n";
    // Else gnuplot counts in halves.
    script += highest < tallest_by_ones ? "set ytics 1\nplot " : "plot ";
    for (std::size_t index = 0; index < histograms.size(); ++index) {
        script += fmt::format(
            "{}$data using {}:xtic(1) title {}", index == 0 ? "" : ", ", index + 2,
            quote(fmt::format("{} ({})", histograms[index].name, histograms[index].exits)));
    }
    return script + "\n";
}

std::string timeline_script(const Trace& trace, const std::string& terminal,
                            const std::string& output) {
    const auto slices = make_slices(trace);
    const std::uint64_t origin = first_start(slices);
    const bool has_time = trace.tsc_khz != 0;
    const double unit = has_time ? static_cast<double>(trace.tsc_khz) / 1000.0 : 1.0;
    std::string script = preamble(terminal, output, "Who had each CPU");
    script += fmt::format("set xlabel '{}'\n", has_time ? "microseconds" : "TSC ticks");
    std::set<std::uint32_t> cpus;
    std::string plots;
    for (const KindStyle& style : kind_styles) {
        std::string rows;
        for (const Slice& slice : slices) {
            if (slice.kind == style.kind) {
                cpus.insert(slice.cpu);
                rows += fmt::format("{} {} {}\n", static_cast<double>(slice.start - origin) / unit,
                                    slice.cpu, static_cast<double>(slice.end - origin) / unit);
            }
        }
        if (!rows.empty()) {
            script += fmt::format("${} << END\n{}END\n", to_string(style.kind), rows);
            plots += fmt::format(
                "{}${} using 1:($2-0.3):1:3:($2-0.3):($2+0.3) with boxxyerror lc rgb '{}' title "
                "'{}'",
                plots.empty() ? "" : ", ", to_string(style.kind), style.colour, style.title);
        }
    }
    std::string tics;
    for (const std::uint32_t cpu : cpus) {
        tics += fmt::format("{}'CPU {}' {}", tics.empty() ? "" : ", ", cpu, cpu);
    }
    return script + fmt::format(
                        "set style fill solid noborder\nset key outside\nset yrange "
                        "[{}:{}]\nset ytics ({})\nplot {}\n",
                        cpus.empty() ? 0 : *cpus.rbegin() + 1,
                        cpus.empty() ? 1 : static_cast<int>(*cpus.begin()) - 1, tics, plots);
}

}  // namespace rmguest
