// SPDX-License-Identifier: GPL-2.0-only
// A physical INIT that reaches a CPU which runs a guest. The guest's own INITs never become one.
#pragma once

#include "exit/context.hpp"

namespace rmv {

// The exit has used it up: the guest goes on, and exit 3 in the counters and the trace is the
// record. Where it is not used up (Bochs 2.7; a pin that is held) the next entry exits again at
// once. After a few in a row at one place the guest stops with VISOR_STOP_INIT_STORM, and its owner
// gives the CPU back: outside VMX an INIT does what it is for.
[[nodiscard]] Action handle_init_signal(ExitContext& exit, visor_stop& stop) noexcept;

// Any other exit is progress.
inline void forget_init_signals(RmGuest& rm) noexcept { rm.init_signals = 0; }

}  // namespace rmv
