// SPDX-License-Identifier: GPL-2.0-only
#include "tsc.hpp"

#include <x86intrin.h>

#include <chrono>
#include <thread>

namespace rmguest {

std::uint64_t measure_tsc_khz() {
    using Clock = std::chrono::steady_clock;
    using namespace std::chrono_literals;
    const auto start = Clock::now();
    const std::uint64_t first = __rdtsc();
    std::this_thread::sleep_for(20ms);
    const std::uint64_t last = __rdtsc();
    const std::chrono::duration<double, std::milli> passed = Clock::now() - start;
    return static_cast<std::uint64_t>(static_cast<double>(last - first) / passed.count());
}

}  // namespace rmguest
