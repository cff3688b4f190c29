// SPDX-License-Identifier: GPL-2.0-only
#include "free_memory.hpp"

#include <fstream>
#include <stdexcept>
#include <string>

namespace bench {

std::uint64_t free_kib() {
    // Sums up the counters that each CPU has of its own.
    if (!(std::ofstream("/proc/sys/vm/stat_refresh") << 1 << std::flush))
        throw std::runtime_error("/proc/sys/vm/stat_refresh can't be written");
    constexpr std::uint64_t page_kib = 4;
    std::ifstream file("/proc/zoneinfo");
    std::uint64_t pages = 0, number = 0;
    // "pages free N" of each zone, "count: N" of each CPU's lists.
    for (std::string before, word; file >> word; before = word)
        if ((word == "count:" || (word == "free" && before == "pages")) && file >> number)
            pages += number;
    if (pages == 0) throw std::runtime_error("/proc/zoneinfo: no free pages");
    return pages * page_kib;
}

}  // namespace bench
