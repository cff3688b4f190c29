// SPDX-License-Identifier: GPL-2.0-only
// Exits of Linux after which this CPU does not run Linux any more.
#pragma once

#include "exit/context.hpp"

namespace rmv {

// Triple fault: on a CPU outside VMX the platform resets, and Linux's last way to reboot counts on
// that (SDM: Shutdown).
[[noreturn]] void reset_platform(Cpu& cpu) noexcept;

// An INIT means that somebody wants a bare CPU: a kernel that was started by kdump, or firmware.
// The exit has consumed the INIT (SDM: Basic VM-Exit Information, "INIT signal"), so the CPU leaves
// VMX operation and sends itself another. On Bochs 2.7 VMXOFF is that INIT already.
[[noreturn]] void become_bare_cpu(Cpu& cpu, Vmcs& vmcs) noexcept;

}  // namespace rmv
