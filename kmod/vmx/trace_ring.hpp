// SPDX-License-Identifier: GPL-2.0-only
// The trace ring of one CPU: one writer (root, or the visor in Linux's context with interrupts
// off), any number of readers in Linux, no lock.
//
// Record i lies in slot i modulo the ring's size. The head, which counts the records written, is
// stored with release order after the record is complete. A reader copies a record, then looks at
// the head again: the copy is whole if the writer had not yet reached the slot again.
#pragma once

#include <linux/rmvisor.h>

#include "x86/atomic.hpp"

namespace rmv {

using TraceRecord = rmvisor_trace_record;
static_assert(sizeof(TraceRecord) == 64);

class Trace {
public:
    void attach(TraceRecord* records, u32 count, u64* head) noexcept {
        records_ = records;
        index_mask_ = count - 1;
        head_ = head;
    }

    void write(const TraceRecord& record) noexcept {
        const u64 index = load_relaxed(*head_);
        records_[index & index_mask_] = record;
        store_release(*head_, index + 1);
    }

private:
    TraceRecord* records_ = nullptr;
    u64* head_ = nullptr;
    u64 index_mask_ = 0;
};

}  // namespace rmv
