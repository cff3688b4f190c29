// SPDX-License-Identifier: GPL-2.0-only
#include "samples.hpp"

#include <algorithm>
#include <cstdio>

namespace bench {

std::uint64_t cost_of_now() {
    Samples samples(1000);
    for (std::uint64_t& sample : samples) {
        const std::uint64_t start = now();
        sample = now() - start;
    }
    return median(std::move(samples));
}

std::uint64_t median(Samples samples) {
    const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
    std::nth_element(samples.begin(), middle, samples.end());
    return *middle;
}

void subtract(Samples& samples, std::uint64_t overhead) {
    for (std::uint64_t& sample : samples) sample -= std::min(sample, overhead);
}

void print(const std::string& what, const std::string& who, Samples samples) {
    std::sort(samples.begin(), samples.end());
    const auto at = [&samples](std::size_t percent) {
        return static_cast<unsigned long long>(samples[(samples.size() - 1) * percent / 100]);
    };
    std::printf(
        "{\"what\": \"%s\", \"who\": \"%s\", \"samples\": %zu, \"min\": %llu, "
        "\"median\": %llu, \"p99\": %llu, \"max\": %llu}\n",
        what.c_str(), who.c_str(), samples.size(), at(0), at(50), at(99), at(100));
    std::fflush(stdout);
}

}  // namespace bench
