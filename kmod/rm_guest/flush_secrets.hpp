// SPDX-License-Identifier: GPL-2.0-only
// What a CPU may still hold of its last owner in places that no register shows: the L1 data cache
// (L1 Terminal Fault), fill buffers (Microarchitectural Data Sampling), branch predictors.
#pragma once

namespace rmv {

// Between Linux and a guest, both ways: clears what this CPU says it can clear and needs cleared
// (CPUID.(7,0):EDX, IA32_ARCH_CAPABILITIES). Between a guest's stops there is only root, which
// works on nobody's secrets. A sibling thread of the same core is out of reach: see
// docs/hardware-only.md.
void flush_secrets() noexcept;

}  // namespace rmv
