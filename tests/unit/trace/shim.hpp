// SPDX-License-Identifier: GPL-2.0-only
// The shim's side of the trace, and a CPU's ring with the writer of root on it.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "vmx/trace_ring.hpp"

#include "abi.h"

#define public public_  // a member of struct rm_cpu, which C++ could not name
extern "C" {
#include "shim/filter.h"
#include "shim/ring.h"
#include "shim/trace_line.h"
#include "shim/trace_merge.h"
}
#undef public

namespace rmv {

// Memory of one ring, as rm_ring_alloc() fills it.
class RingMemory {
public:
    explicit RingMemory(u32 records, u64 first = 0)
        : memory_(std::aligned_alloc(page_size, page_size + records * sizeof(TraceRecord))) {
        std::memset(memory_, 0, page_size + records * sizeof(TraceRecord));
        ring.map = static_cast<rmvisor_trace_map*>(memory_);
        ring.map->first = ring.map->head = first;
        ring.records = reinterpret_cast<TraceRecord*>(static_cast<u8*>(memory_) + page_size);
        ring.count = records;
        ring.bytes = page_size + records * sizeof(TraceRecord);
    }
    ~RingMemory() { std::free(memory_); }
    RingMemory(const RingMemory&) = delete;
    RingMemory& operator=(const RingMemory&) = delete;

    rm_ring ring{};

private:
    void* memory_;
};

// A CPU with its ring: written by root's TraceRing, read by the shim's ring.c.
struct TracedCpu {
    explicit TracedCpu(u32 number = 0, u32 records = 64)
        : memory(std::make_unique<RingMemory>(records)), shared(std::make_unique<visor_public>()) {
        cpu.number = number;
        cpu.ring = &memory->ring;
        cpu.public_ = shared.get();
        writer.attach(memory->ring.map, records);
    }

    // What no two records have alike, so that a torn one shows.
    static TraceRecord sample(u64 index) {
        TraceRecord record{};
        record.tsc = index;
        record.rip = index * 0x9e3779b97f4a7c15;
        record.qualification = ~index;
        record.guest_physical = index ^ 0x5555555555555555;
        record.linear_address = index + 77;
        record.root_ticks = static_cast<u32>(index * 3);
        record.type = RMVISOR_TRACE_EXIT;
        return record;
    }
    static bool is_whole(const TraceRecord& record) {
        const TraceRecord wanted = sample(record.tsc);
        return std::memcmp(&record, &wanted, sizeof(record)) == 0;
    }

    void write(const TraceRecord& record) {
        writer.slot() = record;
        writer.publish(shared->trace_tail);
    }
    void write(u64 count) {
        for (u64 i = 0; i < count; ++i) write(sample(written++));
    }

    // A new ring in place of the old one, as both sides do it.
    void replace(u32 records) {
        old = std::move(memory);
        memory = std::make_unique<RingMemory>(records, writer.head());
        writer.retire();
        writer.attach(memory->ring.map, records);
        cpu.ring = &memory->ring;
    }

    rm_cpu cpu{};
    std::unique_ptr<RingMemory> memory, old;
    std::unique_ptr<visor_public> shared;
    TraceRing writer;
    u64 written = 0;
};

}  // namespace rmv
