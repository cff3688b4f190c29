// SPDX-License-Identifier: GPL-2.0-only
//
// Gathers the exits of one guest while it runs, since the ring in the module holds only the last.
#pragma once

#include <linux/rmvisor.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "error.hpp"
#include "trace_file.hpp"
#include "trace_source.hpp"

namespace rmguest {

// Reads the rings of the guest's CPUs some times a second, in a thread of its own, from start() to
// finish(). Records of others are left out.
class TraceCollector {
public:
    TraceCollector(std::vector<TraceReader> readers, std::uint16_t vm);
    ~TraceCollector();
    TraceCollector(const TraceCollector&) = delete;
    TraceCollector& operator=(const TraceCollector&) = delete;

    void start();
    // Reads a last time. The instruction bytes come from `memory`, the guest's, as it is now.
    [[nodiscard]] Result<Trace> finish(std::span<const std::uint8_t> memory);

private:
    void collect_until_stopped();
    [[nodiscard]] Outcome collect();
    [[nodiscard]] Outcome collect_from(TraceReader& reader);
    void stop();

    std::vector<TraceReader> readers_;
    const std::uint16_t vm_;
    std::vector<rmvisor_trace_record> records_;
    std::uint64_t lost_ = 0;
    std::optional<Error> error_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

// One entry of a trace file: the record and the bytes at its cs_base + rip.
[[nodiscard]] TraceFileEntry entry_with_bytes(const rmvisor_trace_record& record,
                                              std::span<const std::uint8_t> memory);

}  // namespace rmguest
