// SPDX-License-Identifier: GPL-2.0-only
// What is done before every entry into the guest.
#pragma once

#include "vmx/cpu.hpp"
#include "vmx/vmcs.hpp"

namespace rmv {

// May be done again before the entry, when something came in between.
void prepare_entry(Cpu& cpu, Vmcs& vmcs) noexcept;

}  // namespace rmv
