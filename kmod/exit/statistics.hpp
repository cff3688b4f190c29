// SPDX-License-Identifier: GPL-2.0-only
// Counters and latencies per exit reason. One writer, the CPU itself; Linux reads them as they are.
#pragma once

#include "vmx/cpu.hpp"

namespace rmv {

// Reasons beyond the table (none exists today) share the last entry.
[[nodiscard]] inline rmvisor_stats_entry& entry_of(
    rmvisor_stats_entry (&entries)[RMVISOR_STATS_REASONS], u32 raw_reason) noexcept {
    constexpr u32 basic_reason_mask = 0xffff;
    constexpr u32 last = RMVISOR_STATS_REASONS - 1;
    const u32 reason = raw_reason & basic_reason_mask;
    return entries[reason < last ? reason : last];
}

// Bucket 0: below 64 ticks; each of the following twice as wide; the last: all the rest.
[[nodiscard]] constexpr u32 bucket_of(u64 ticks) noexcept {
    constexpr u32 bits_of_bucket_0 = 6;
    constexpr u32 last = RMVISOR_STATS_BUCKETS - 1;
    const u32 width =
        64 - static_cast<u32>(__builtin_clzll(ticks | (u64{1} << (bits_of_bucket_0 - 1))));
    const u32 bucket = width - bits_of_bucket_0;
    return bucket < last ? bucket : last;
}
static_assert(bucket_of(0) == 0 && bucket_of(63) == 0 && bucket_of(64) == 1 && bucket_of(127) == 1);
static_assert(bucket_of(128) == 2 && bucket_of(~u64{0}) == RMVISOR_STATS_BUCKETS - 1);
static_assert(bucket_of(u64{1} << STATS_BUCKET_0_BIT) == 0 &&
              bucket_of(u64{2} << STATS_BUCKET_0_BIT) == 1);
static_assert(bucket_of((u64{1} << STATS_LAST_BUCKET_BIT) - 1) == RMVISOR_STATS_BUCKETS - 2 &&
              bucket_of(u64{1} << STATS_LAST_BUCKET_BIT) == RMVISOR_STATS_BUCKETS - 1);

inline void add_latency(rmvisor_stats_entry& entry, u64 ticks) noexcept {
    increase(entry.ticks, ticks);
    count(entry.histogram[bucket_of(ticks)]);
}

}  // namespace rmv
