// SPDX-License-Identifier: GPL-2.0-only
// How root calls Linux: an interrupt to the CPU and vector that the shim publishes for each CPU.
#pragma once

#include "vmx/cpu.hpp"

namespace rmv {

// What it is about stands in the public part already; rings nobody while there is no doorbell.
void ring_doorbell(Cpu& cpu) noexcept;

}  // namespace rmv
