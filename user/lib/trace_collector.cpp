// SPDX-License-Identifier: GPL-2.0-only
#include "trace_collector.hpp"

#include <signal.h>

#include <algorithm>
#include <chrono>

namespace rmguest {
namespace {

// A ring that is being filled is looked at more often.
constexpr std::chrono::milliseconds idle_interval{50};
constexpr std::chrono::milliseconds busy_interval{2};

// Signals are for the thread that sits in KVM_RUN; a new thread inherits the mask.
class BlockedSignals {
public:
    BlockedSignals() {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &former_);
    }
    ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &former_, nullptr); }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;

private:
    sigset_t former_{};
};

}  // namespace

TraceFileEntry entry_with_bytes(const rmvisor_trace_record& record,
                                std::span<const std::uint8_t> memory) {
    TraceFileEntry entry{.record = record, .bytes = {}, .byte_count = 0};
    const std::uint64_t address = record.cs_base + record.rip;
    if (address < memory.size()) {
        const auto rest = memory.subspan(address);
        const auto bytes = rest.first(std::min(rest.size(), longest_instruction));
        std::ranges::copy(bytes, entry.bytes.begin());
        entry.byte_count = static_cast<std::uint8_t>(bytes.size());
    }
    return entry;
}

TraceCollector::TraceCollector(std::vector<TraceReader> readers, std::uint16_t vm)
    : readers_(std::move(readers)), vm_(vm) {}

TraceCollector::~TraceCollector() { stop(); }

void TraceCollector::start() {
    const BlockedSignals blocked;
    thread_ = std::thread([this] { collect_until_stopped(); });
}

void TraceCollector::collect_until_stopped() {
    std::unique_lock lock(mutex_);
    while (!stopping_ && !error_) {
        const std::size_t before = records_.size();
        if (const auto collected = collect(); !collected) {
            error_ = collected.error();
        }
        const auto interval = records_.size() == before ? idle_interval : busy_interval;
        wake_.wait_for(lock, interval, [this] { return stopping_; });
    }
}

Outcome TraceCollector::collect() {
    for (TraceReader& reader : readers_) {
        if (const auto collected = collect_from(reader); !collected) {
            return collected;
        }
    }
    return Done{};
}

Outcome TraceCollector::collect_from(TraceReader& reader) {
    const auto fresh = reader.read_new();
    if (!fresh) {
        return fresh.error();
    }
    for (const rmvisor_trace_record& record : *fresh) {
        if (record.type == RMVISOR_TRACE_LOST) {
            lost_ += record.qualification;
        } else if (record.vm == vm_) {
            records_.push_back(record);
        }
    }
    return Done{};
}

void TraceCollector::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

Result<Trace> TraceCollector::finish(std::span<const std::uint8_t> memory) {
    stop();
    if (!error_) {
        if (const auto collected = collect(); !collected) {
            error_ = collected.error();
        }
    }
    if (error_) {
        return *error_;
    }
    merge_by_time(records_);
    Trace trace;
    trace.lost = lost_;
    for (const rmvisor_trace_record& record : records_) {
        trace.entries.push_back(entry_with_bytes(record, memory));
    }
    return trace;
}

}  // namespace rmguest
