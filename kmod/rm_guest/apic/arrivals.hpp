// SPDX-License-Identifier: GPL-2.0-only
// What has come for a vCPU since it ran last, and waiting for something to come: halted, or for a
// start-up IPI. All waiting is done in root, where SMIs get through and a kick is seen.
#pragma once

#include "exit/context.hpp"

namespace rmv::apic {

// Before every entry. Takes what is in the inbox, runs the timer, and waits until the vCPU can run.
// False: it has to stop instead, `stop` says why; what it waits for, it waits for at the next RUN.
[[nodiscard]] bool wait_until_runnable(ExitContext& context, visor_stop& stop) noexcept;

}  // namespace rmv::apic
