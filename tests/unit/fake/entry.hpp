// SPDX-License-Identifier: GPL-2.0-only
// What the code under test asked of entry.S.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "x86/types.hpp"

namespace fake {

struct EntryCalls {
    unsigned unblocked_nmis = 0;
    std::vector<std::pair<rmv::u32, rmv::u64>> xsetbvs;
    std::vector<std::pair<rmv::u64, rmv::u64>> calls;  // VMCALLs of the shim's side
    rmv::u64 call_result = 0;
    // What VMLAUNCH does in visor_launch_here(), and what that returns.
    std::function<rmv::u32()> launch;
};

EntryCalls& entry_calls();
void reset_entry_calls();

// The one entry of the table of fix-ups.
inline constexpr rmv::u64 faulting_instruction = 0x12340000, fixup_target = 0x56780000;

}  // namespace fake
