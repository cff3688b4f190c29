// SPDX-License-Identifier: GPL-2.0-only
// The exits of a real-mode guest: who handles which.
#pragma once

#include "exit/context.hpp"

namespace rmv {

// What is done about an exit: resume, skip, inject, stop (then `stop` says why) or unhandled.
// Handlers leave RIP alone; skip and a HLT stop are carried out by the caller.
[[nodiscard]] Action dispatch_rm_exit(ExitContext& exit, u32 raw_reason, visor_stop& stop) noexcept;

}  // namespace rmv
