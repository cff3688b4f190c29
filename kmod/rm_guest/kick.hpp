// SPDX-License-Identifier: GPL-2.0-only
// The kick: the word in shared memory is the request, the NMI only makes the CPU look.
#pragma once

#include "vmx/cpu.hpp"
#include "x86/atomic.hpp"

namespace rmv {

// Whether Linux wants the guest to stop. Forgets NMIs first, then looks at the word: the kicker
// writes the word before it sends the NMI, so an NMI that is forgotten here has its word seen here.
[[nodiscard]] inline bool take_kick(Cpu& cpu) noexcept {
    (void)exchange(cpu.pending, u32{0});
    return load_acquire(cpu.shared.kick) != 0;
}

}  // namespace rmv
