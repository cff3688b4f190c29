// SPDX-License-Identifier: GPL-2.0-only
//
// rmguest trace --format timeline: Chrome's trace event format.
#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <set>

#include "lib/timeline.hpp"
#include "lib/trace_text.hpp"
#include "trace_print.hpp"

namespace rmguest {
namespace {

using nlohmann::ordered_json;

constexpr int process = 1;

// Without a known frequency a tick counts as a nanosecond.
constexpr double default_ticks_per_microsecond = 1000.0;

ordered_json metadata(const char* what, std::uint32_t cpu, ordered_json arguments) {
    return {{"name", what},
            {"ph", "M"},
            {"pid", process},
            {"tid", cpu},
            {"args", std::move(arguments)}};
}

class Writer {
public:
    Writer(const Trace& trace, std::FILE* out)
        : symbols_(trace.symbols),
          out_(out),
          ticks_per_microsecond_(trace.tsc_khz == 0 ? default_ticks_per_microsecond
                                                    : static_cast<double>(trace.tsc_khz) / 1000.0) {
    }

    void put(const ordered_json& event) {
        fmt::print(out_, "{}{}", is_first_ ? "\n" : ",\n", event.dump());
        is_first_ = false;
    }

    void put(const Slice& slice, std::uint64_t origin) {
        ordered_json event{{"name", slice.name},
                           {"cat", to_string(slice.kind)},
                           {"ph", slice.kind == SliceKind::event ? "i" : "X"},
                           {"ts", microseconds(slice.start - origin)},
                           {"pid", process},
                           {"tid", slice.cpu}};
        if (slice.kind == SliceKind::event) {
            event["s"] = "t";
        } else {
            event["dur"] = microseconds(slice.end - slice.start);
        }
        if (slice.record != nullptr) {
            event["args"] = arguments(slice.record->record);
        }
        put(event);
    }

private:
    [[nodiscard]] double microseconds(std::uint64_t ticks) const {
        return static_cast<double>(ticks) / ticks_per_microsecond_;
    }

    [[nodiscard]] ordered_json arguments(const rmvisor_trace_record& record) const {
        ordered_json json{
            {"guest", describe_guest(record)},     {"detail", describe_detail(record)},
            {"address", describe_address(record)}, {"ticks", record.root_ticks},
            {"action", describe_action(record)},   {"tsc", record.tsc}};
        if (const std::string name = name_of(symbols_.names, record); !name.empty()) {
            json["name"] = name;
        }
        if (const std::string symbol = symbols_.describe(record); !symbol.empty()) {
            json["symbol"] = symbol;
        }
        return json;
    }

    const TraceSymbols& symbols_;
    std::FILE* out_;
    double ticks_per_microsecond_;
    bool is_first_ = true;
};

std::uint64_t first_time(const Trace& trace) {
    std::uint64_t first = trace.entries.empty() ? 0 : trace.entries.front().record.tsc;
    for (const TraceFileEntry& entry : trace.entries) {
        first = std::min<std::uint64_t>(first, entry.record.tsc);
    }
    return first;
}

}  // namespace

void print_trace_timeline(const Trace& trace, std::FILE* out) {
    const std::vector<Slice> slices = make_slices(trace);
    std::set<std::uint32_t> cpus;
    for (const Slice& slice : slices) {
        cpus.insert(slice.cpu);
    }
    fmt::print(out, "{{\"displayTimeUnit\":\"ns\",\"otherData\":{},\"traceEvents\":[",
               ordered_json{{"program", "rmguest " RMGUEST_VERSION},
                            {"tsc_khz", trace.tsc_khz},
                            {"lost", trace.lost}}
                   .dump());
    Writer writer(trace, out);
    writer.put(metadata("process_name", 0, {{"name", "rmvisor"}}));
    for (const std::uint32_t cpu : cpus) {
        writer.put(metadata("thread_name", cpu, {{"name", fmt::format("CPU {}", cpu)}}));
        writer.put(metadata("thread_sort_index", cpu, {{"sort_index", cpu}}));
    }
    const std::uint64_t origin = first_time(trace);
    for (const Slice& slice : slices) {
        writer.put(slice, origin);
    }
    fmt::print(out, "\n]}}\n");
}

}  // namespace rmguest
