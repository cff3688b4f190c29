// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <linux/rmvisor.h>

#include <string>

#include "exit/reason.hpp"

namespace rmguest {

// The exit qualification, interruption information and registers of a record of an exit for that
// reason, in words; empty for reasons that have none.
[[nodiscard]] std::string describe_qualification(rmv::ExitReason reason,
                                                 const rmvisor_trace_record& record);

// "#PF", or "vector 0x20".
[[nodiscard]] std::string describe_vector(unsigned vector);

}  // namespace rmguest
