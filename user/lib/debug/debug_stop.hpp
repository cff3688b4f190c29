// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>

#include "breakpoints.hpp"
#include "exit_log.hpp"

namespace rmguest {

enum class StopCause {
    start,       // the guest's first instruction
    step,        // one instruction was done
    breakpoint,  // DebugStop::breakpoint says which; watchpoints too
    port,        // an access to a port that is watched; DebugStop::access
    request,     // the debugger's user wants it
    ended,       // the guest has ended: the registers are there to be looked at
};

struct DebugStop {
    StopCause cause = StopCause::start;
    std::uint32_t vcpu = 0;  // whose doing it was
    std::optional<Breakpoints::Entry> breakpoint = {};
    std::optional<GuestExit> access = {};
};

}  // namespace rmguest
