// SPDX-License-Identifier: GPL-2.0-only
#include "timeline.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "trace_text.hpp"

namespace rmguest {
namespace {

// Who has the CPU after a record, as far as that is known.
struct Holder {
    SliceKind kind;
    std::string name;
    std::uint64_t since;
};

class CpuTimeline {
public:
    CpuTimeline(std::uint32_t cpu, const VmNames& names, std::vector<Slice>& slices)
        : cpu_(cpu), names_(names), slices_(slices) {}

    // `limit` is the time of the CPU's next record: what it was busy with ends there at the latest.
    void add(const TraceFileEntry& entry, std::uint64_t limit) {
        const rmvisor_trace_record& record = entry.record;
        const std::uint64_t end = std::min<std::uint64_t>(record.tsc + record.root_ticks, limit);
        switch (static_cast<rmvisor_trace_type>(record.type)) {
            case RMVISOR_TRACE_EXIT:
            case RMVISOR_TRACE_ENTRY_FAILED: add_exit(entry, end); return;
            case RMVISOR_TRACE_RUN:
                close(record.tsc);
                holder_ = {SliceKind::guest, guest_of(record), end};
                return;
            case RMVISOR_TRACE_STOP:
                close(record.tsc);
                holder_ = {SliceKind::user, "user", end};
                return;
            case RMVISOR_TRACE_PARK:
                close(record.tsc);
                add_event(entry);
                holder_ = {SliceKind::parked, "parked", end};
                return;
            case RMVISOR_TRACE_LAUNCH:
            case RMVISOR_TRACE_GIVE_BACK:
                close(record.tsc);
                add_event(entry);
                holder_ = {SliceKind::guest, "linux", end};
                return;
            case RMVISOR_TRACE_LEAVE:
                close(record.tsc);
                add_event(entry);
                holder_.reset();
                return;
            case RMVISOR_TRACE_LOST:
                // Nobody knows what was between.
                add_event(entry);
                holder_.reset();
                return;
            case RMVISOR_TRACE_NMI:
            case RMVISOR_TRACE_INIT:
            case RMVISOR_TRACE_SIPI:
            case RMVISOR_TRACE_SMI:
            case RMVISOR_TRACE_TAKE:
            case RMVISOR_TRACE_FAULT: add_event(entry); return;
        }
        add_event(entry);
    }

private:
    void close(std::uint64_t until) {
        if (holder_ && until > holder_->since) {
            slices_.push_back({holder_->kind, cpu_, holder_->since, until, holder_->name, nullptr});
        }
    }

    void add_exit(const TraceFileEntry& entry, std::uint64_t end) {
        const rmvisor_trace_record& record = entry.record;
        close(record.tsc);
        if (end > record.tsc) {
            slices_.push_back(
                {SliceKind::visor, cpu_, record.tsc, end, describe_event(record), &entry});
        } else {
            add_event(entry);
        }
        if (record.action == RMVISOR_ACTION_LEAVE) {
            holder_.reset();
        } else if (record.action == RMVISOR_ACTION_USER) {
            holder_ = {SliceKind::user, "user", end};
        } else if (record.action == RMVISOR_ACTION_PARK) {
            holder_ = {SliceKind::parked, "parked", end};
        } else {
            holder_ = {SliceKind::guest, guest_of(record), end};
        }
    }

    void add_event(const TraceFileEntry& entry) {
        slices_.push_back({SliceKind::event, cpu_, entry.record.tsc, entry.record.tsc,
                           describe_event(entry.record), &entry});
    }

    // "vm3/vcpu0 hello"
    [[nodiscard]] std::string guest_of(const rmvisor_trace_record& record) const {
        const std::string name = name_of(names_, record);
        return describe_guest(record) + (name.empty() ? "" : " ") + name;
    }

    std::uint32_t cpu_;
    const VmNames& names_;
    std::vector<Slice>& slices_;
    std::optional<Holder> holder_;
};

}  // namespace

std::vector<Slice> make_slices(const Trace& trace) {
    std::map<std::uint32_t, std::vector<const TraceFileEntry*>> by_cpu;
    for (const TraceFileEntry& entry : trace.entries) {
        by_cpu[entry.record.cpu].push_back(&entry);
    }
    std::vector<Slice> slices;
    for (auto& [cpu, entries] : by_cpu) {
        std::ranges::stable_sort(entries, {}, [](const auto* entry) { return entry->record.tsc; });
        CpuTimeline timeline(cpu, trace.symbols.names, slices);
        for (std::size_t index = 0; index < entries.size(); ++index) {
            const bool is_last = index + 1 == entries.size();
            timeline.add(*entries[index],
                         is_last ? ~std::uint64_t{0} : entries[index + 1]->record.tsc);
        }
    }
    return slices;
}

const char* to_string(SliceKind kind) {
    switch (kind) {
        case SliceKind::guest: return "guest";
        case SliceKind::visor: return "visor";
        case SliceKind::user: return "user";
        case SliceKind::parked: return "parked";
        case SliceKind::event: return "event";
    }
    return "unknown";
}

}  // namespace rmguest
