// SPDX-License-Identifier: GPL-2.0-only
// A physical INIT that reached a CPU while it ran Linux: who means it, and who does not.
#pragma once

#include "exit/context.hpp"

namespace rmv {

// True: Linux is at work on this CPU and nobody can want it bare. The exit has consumed the INIT
// (SDM: Basic VM-Exit Information), it is counted, and Linux goes on.
//
// False: the CPU is to become bare. That is so where Linux has interrupts off, as on a CPU that
// waits for a crash kernel or for a reset; on the boot CPU, for which an INIT is a restart of the
// machine; and on a CPU that does not consume the INIT, where each entry would exit again.
[[nodiscard]] bool ignore_init(ExitContext& exit) noexcept;

}  // namespace rmv
