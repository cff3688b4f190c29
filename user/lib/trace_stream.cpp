// SPDX-License-Identifier: GPL-2.0-only
#include "trace_stream.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace rmguest {

Result<TraceStream> TraceStream::open(const std::string& debugfs, TraceChoice choice) {
    const auto cpus = traced_cpus(debugfs);
    if (!cpus) {
        return cpus.error();
    }
    for (const std::uint32_t cpu : choice.cpus) {
        if (!std::ranges::binary_search(*cpus, cpu)) {
            return Error{fmt::format("CPU {} has no trace", cpu),
                         fmt::format("see {}/per_cpu for those that have", debugfs)};
        }
    }
    std::vector<TraceReader> readers;
    for (const std::uint32_t cpu : choice.cpus.empty() ? *cpus : choice.cpus) {
        auto reader = TraceReader::open(debugfs, cpu);
        if (!reader) {
            return reader.error();
        }
        readers.push_back(*std::move(reader));
    }
    return TraceStream(std::move(readers), std::move(choice));
}

Result<std::vector<rmvisor_trace_record>> TraceStream::read_new() {
    std::vector<rmvisor_trace_record> all;
    for (TraceReader& reader : readers_) {
        const auto records = reader.read_new();
        if (!records) {
            return records.error();
        }
        for (const rmvisor_trace_record& record : *records) {
            lost_ += record.type == RMVISOR_TRACE_LOST ? record.qualification : 0;
            if (is_chosen(choice_, record)) {
                all.push_back(record);
            }
        }
    }
    merge_by_time(all);
    return all;
}

}  // namespace rmguest
