// SPDX-License-Identifier: GPL-2.0-only
// What the code under test asked of entry.S.
#pragma once

#include <utility>
#include <vector>

#include "x86/types.hpp"

namespace fake {

struct EntryCalls {
    unsigned unblocked_nmis = 0;
    std::vector<std::pair<rmv::u32, rmv::u64>> xsetbvs;
};

EntryCalls& entry_calls();
void reset_entry_calls();

}  // namespace fake
