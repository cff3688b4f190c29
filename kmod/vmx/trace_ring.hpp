// SPDX-License-Identifier: GPL-2.0-only
// The trace ring of one CPU: one writer (root, or the visor in Linux's context with interrupts
// off), any number of readers in Linux and in programs, no lock.
//
// Memory: one page for readers (struct rmvisor_trace_map), then the records. Record i lies in slot
// i modulo the ring's size. A record is filled in its slot, then the head, which counts the
// records, is published with release order. A reader copies a record, then looks at the head again:
// the copy is whole if the writer had not yet begun with that slot again. What the writer decides
// by (head, size, mode) is its own; the page for readers is only ever written.
#pragma once

#include <linux/rmvisor.h>

#include <cstddef>

#include "vmx/entry_offsets.h"
#include "x86/atomic.hpp"
#include "x86/types.hpp"

namespace rmv {

using TraceRecord = rmvisor_trace_record;
static_assert(sizeof(TraceRecord) == 1 << RECORD_SHIFT);
static_assert(sizeof(rmvisor_trace_map) <= page_size);

class TraceRing {
public:
    // From now on records go here; indices go on counting. `slots`: a power of two, from 2 on.
    void attach(rmvisor_trace_map* map, u32 slots) noexcept {
        map_ = map;
        records_ = reinterpret_cast<TraceRecord*>(reinterpret_cast<u8*>(map) + page_size);
        index_mask_ = slots - 1;
        map_->first = head_;
        map_->dropped = dropped_;
        store_release(map_->head, head_);
    }

    // Tells who has this ring mapped that nothing more will come.
    void retire() noexcept { store_release(map_->retired, u32{1}); }

    void set_overwrite(bool overwrite) noexcept { overwrite_ = overwrite; }
    [[nodiscard]] bool overwrites() const noexcept { return overwrite_; }

    // The slot of the next record, to be filled and published. It is free even in a full ring: one
    // slot is never used then.
    [[nodiscard]] TraceRecord& slot() noexcept { return records_[head_ & index_mask_]; }

    // `tail`: below this index nobody wants records any more; only looked at where a full ring
    // stops.
    void publish(const u64& tail) noexcept {
        if (overwrite_) [[likely]]
            advance();
        else
            publish_if_room(load_acquire(tail));
    }

    [[nodiscard]] u64 head() const noexcept { return head_; }

    // Of the newest record; 0 in a ring that has none.
    [[nodiscard]] u64 last_time() const noexcept { return records_[(head_ - 1) & index_mask_].tsc; }

private:
    // What is stored to the next slot comes after the head, or a reader could take the slot's
    // former record for whole: x86 keeps stores in order, the compiler is told to.
    void advance() noexcept {
        store_release(map_->head, ++head_);
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
    }

    // After records that were dropped, one that says how many goes before the next. A tail beyond
    // the head, which only a broken Linux writes, is a full ring.
    void publish_if_room(u64 tail) noexcept {
        const u64 wanted = unreported_ != 0 ? 2 : 1;
        const u64 used = head_ - tail;
        if (used > index_mask_ || used + wanted > index_mask_) {
            ++unreported_;
            store_relaxed(map_->dropped, ++dropped_);
            return;
        }
        if (unreported_ != 0) insert_lost();
        advance();
    }

    void insert_lost() noexcept {
        TraceRecord& lost = slot();
        const TraceRecord record = lost;
        lost = {};
        lost.tsc = record.tsc;
        lost.cpu = record.cpu;
        lost.type = RMVISOR_TRACE_LOST;
        lost.qualification = unreported_;
        unreported_ = 0;
        advance();
        slot() = record;
    }

    static void check_offsets() noexcept {
        static_assert(offsetof(TraceRing, records_) == TRACE_RECORDS);
        static_assert(offsetof(TraceRing, head_) == TRACE_HEAD);
        static_assert(offsetof(TraceRing, index_mask_) == TRACE_INDEX_MASK);
        static_assert(offsetof(TraceRing, map_) == TRACE_MAP);
    }

    // In this order for entry.S, which writes records too (quick_cpuid.h).
    TraceRecord* records_ = nullptr;
    u64 head_ = 0;
    u64 index_mask_ = 0;
    rmvisor_trace_map* map_ = nullptr;
    bool overwrite_ = true;
    u64 dropped_ = 0;
    u64 unreported_ = 0;  // of those dropped, not yet told in the ring
};

}  // namespace rmv
