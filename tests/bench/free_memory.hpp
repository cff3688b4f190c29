// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

namespace bench {

// Of the whole machine, to the page: with what each CPU keeps for itself, which /proc/meminfo
// leaves out. Throws std::runtime_error.
std::uint64_t free_kib();

}  // namespace bench
