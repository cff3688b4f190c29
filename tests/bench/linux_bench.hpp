// SPDX-License-Identifier: GPL-2.0-only
// What programs of the running Linux pay: the same work natively and under the visor.
#pragma once

#include <string>

namespace bench {

// On the CPU that the caller is pinned to, and with its partner `other_cpu` where two are needed.
void measure_linux(const std::string& who, unsigned other_cpu, const std::string& names);

}  // namespace bench
