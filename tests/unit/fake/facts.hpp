// SPDX-License-Identifier: GPL-2.0-only
// VMX capabilities of the fake CPU.
#pragma once

#include "x86/types.hpp"

namespace rmv {

// Of a Haswell desktop part.
visor_cpu_facts haswell_facts();

}  // namespace rmv

namespace fake {

// Makes the MSRs and CPUID of the fake CPU tell these.
void provide(const visor_cpu_facts& facts);

}  // namespace fake
