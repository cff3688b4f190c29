// SPDX-License-Identifier: GPL-2.0-only
//
// What rmguest plot draws.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trace_file.hpp"

namespace rmguest {

// Exits of one reason by the ticks that they took in root: bucket b counts those from 2^b to below
// 2^(b+1).
struct LatencyHistogram {
    std::string name;  // of the reason
    std::uint64_t exits = 0;
    std::vector<std::uint64_t> buckets;
};

// Those with most exits first; more than `most` reasons are added up as "other".
[[nodiscard]] std::vector<LatencyHistogram> latency_histograms(const Trace& trace,
                                                               std::size_t most);

// A gnuplot script that draws into `output`, or to its standard output where that is empty; with
// the data in it.
[[nodiscard]] std::string histogram_script(const Trace& trace, const std::string& terminal,
                                           const std::string& output);
[[nodiscard]] std::string timeline_script(const Trace& trace, const std::string& terminal,
                                          const std::string& output);

}  // namespace rmguest
