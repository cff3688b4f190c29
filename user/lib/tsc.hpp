// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

namespace rmguest {

// TSC ticks per millisecond, measured against the clock. Takes about 20 ms.
[[nodiscard]] std::uint64_t measure_tsc_khz();

}  // namespace rmguest
