// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/prepare_entry.hpp"

#include "rm_guest/events.hpp"

namespace rmv {

void prepare_entry(Cpu& cpu, Vmcs& vmcs) noexcept { prepare_events(cpu.rm, vmcs); }

}  // namespace rmv
