// SPDX-License-Identifier: GPL-2.0-only
//
// How `rmguest trace` shows records: a table, JSON lines, CSV, or a timeline.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>

#include "lib/trace_file.hpp"

namespace rmguest {

enum class TraceFormat { text, json, csv, timeline };

[[nodiscard]] Result<TraceFormat> parse_trace_format(std::string_view text);

// Prints records one by one. Times are in TSC ticks from the first record.
class TracePrinter {
public:
    // `out` and `symbols` outlive the printer.
    TracePrinter(std::FILE* out, const TraceSymbols& symbols) : out_(out), symbols_(symbols) {}
    virtual ~TracePrinter() = default;
    TracePrinter(const TracePrinter&) = delete;
    TracePrinter& operator=(const TracePrinter&) = delete;

    void print(const TraceFileEntry& entry);

protected:
    virtual void print_header() {}
    // `time` is relative; records of different CPUs may differ by a few ticks, so below zero too.
    virtual void print_row(const TraceFileEntry& entry, std::int64_t time) = 0;
    [[nodiscard]] std::FILE* out() const { return out_; }
    [[nodiscard]] const TraceSymbols& symbols() const { return symbols_; }

private:
    std::FILE* out_;
    const TraceSymbols& symbols_;
    std::optional<std::uint64_t> start_;
};

// For all formats but the timeline, which needs the whole trace.
[[nodiscard]] std::unique_ptr<TracePrinter> make_trace_printer(TraceFormat format, std::FILE* out,
                                                               const TraceSymbols& symbols);

// Chrome's trace event format, which Perfetto opens too: a track per CPU, slices of guest, visor
// and user, microseconds from the first record.
void print_trace_timeline(const Trace& trace, std::FILE* out);

}  // namespace rmguest
