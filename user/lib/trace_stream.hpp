// SPDX-License-Identifier: GPL-2.0-only
//
// The records of all CPUs of the running module, as they come.
#pragma once

#include <linux/rmvisor.h>

#include <string>
#include <vector>

#include "error.hpp"
#include "trace_choice.hpp"
#include "trace_source.hpp"

namespace rmguest {

class TraceStream {
public:
    [[nodiscard]] static Result<TraceStream> open(const std::string& debugfs, TraceChoice choice);

    // What is new since the last call, by time, as far as it was chosen. Between two calls records
    // of one CPU never go back in time; those of different CPUs may.
    [[nodiscard]] Result<std::vector<rmvisor_trace_record>> read_new();

    // Of all calls together.
    [[nodiscard]] std::uint64_t lost() const { return lost_; }

private:
    TraceStream(std::vector<TraceReader> readers, TraceChoice choice)
        : readers_(std::move(readers)), choice_(std::move(choice)) {}

    std::vector<TraceReader> readers_;
    TraceChoice choice_;
    std::uint64_t lost_ = 0;
};

}  // namespace rmguest
