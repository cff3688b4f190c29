// SPDX-License-Identifier: GPL-2.0-only
// Samples in TSC ticks, and how they are printed: one JSON object a line.
#pragma once

#include <x86intrin.h>

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

using Samples = std::vector<std::uint64_t>;

// RDTSC between two LFENCEs: what comes before is done, what comes after has not begun.
inline std::uint64_t now() {
    _mm_lfence();
    const std::uint64_t ticks = __rdtsc();
    _mm_lfence();
    return ticks;
}

// What a pair of now() costs by itself.
[[nodiscard]] std::uint64_t cost_of_now();

// The middle of the samples; they must not be empty.
[[nodiscard]] std::uint64_t median(Samples samples);

// Each sample less `overhead`, not below 0.
void subtract(Samples& samples, std::uint64_t overhead);

// {"what": ..., "who": ..., "samples": n, "min": ..., "median": ..., "p99": ..., "max": ...}
void print(const std::string& what, const std::string& who, Samples samples);

}  // namespace bench
