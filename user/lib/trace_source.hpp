// SPDX-License-Identifier: GPL-2.0-only
//
// The exit trace of the running module, from debugfs.
#pragma once

#include <linux/rmvisor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "error.hpp"
#include "file_descriptor.hpp"

namespace rmguest {

constexpr const char* default_debugfs = "/sys/kernel/debug/rmvisor";

// The CPUs that have a trace, in ascending order.
[[nodiscard]] Result<std::vector<std::uint32_t>> traced_cpus(const std::string& debugfs);

// Reads the ring of one CPU, from the oldest record that it holds; keeps its place.
class TraceReader {
public:
    [[nodiscard]] static Result<TraceReader> open(const std::string& debugfs, std::uint32_t cpu);

    // The records since the last call, oldest first. Where some were overwritten before they were
    // read there is one of type RMVISOR_TRACE_LOST.
    [[nodiscard]] Result<std::vector<rmvisor_trace_record>> read_new();

private:
    TraceReader(FileDescriptor file, std::string path)
        : file_(std::move(file)), path_(std::move(path)) {}

    FileDescriptor file_;
    std::string path_;
};

// Sorts by time; records of the same time keep their order.
void merge_by_time(std::vector<rmvisor_trace_record>& records);

}  // namespace rmguest
