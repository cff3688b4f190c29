// SPDX-License-Identifier: GPL-2.0-only
//
// Trace records for tests.
#pragma once

#include <linux/rmvisor.h>

#include "exit/reason.hpp"

namespace rmguest {

[[nodiscard]] inline rmvisor_trace_record exit_record(rmv::ExitReason reason,
                                                      std::uint64_t qualification = 0) {
    rmvisor_trace_record record{};
    record.tsc = 1000;
    record.root_ticks = 500;
    record.cpu = 1;
    record.vm = 3;
    record.type = RMVISOR_TRACE_EXIT;
    record.action = RMVISOR_ACTION_USER;
    record.reason = static_cast<std::uint16_t>(reason);
    record.qualification = qualification;
    return record;
}

}  // namespace rmguest
