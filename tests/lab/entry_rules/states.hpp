// SPDX-License-Identifier: GPL-2.0-only
// What a case of the checker's unit tests makes of a real guest's VMCS.
#pragma once

#include <map>
#include <string>

#include "entry_check/machine.hpp"

namespace entry_rules {

using rmv::u32;
using rmv::u64;
using Fields = std::map<u32, u64>;  // by encoding

struct States {
    // Changes of a VMCS that root has made for a guest.
    Fields prepared, broken;
    // The case needs a CPU that differs from this one, or becomes another one.
    bool changes_cpu;
    // The prepared state has the guest leave again at once, and touches nothing of the machine's.
    bool may_run;
};

[[nodiscard]] States states_of(const test::Case& one);

[[nodiscard]] test::Cases all_cases();

// The number of the one rule whose text has `part` in it; 0: none, or several.
[[nodiscard]] u32 rule_named(const std::string& part);

}  // namespace entry_rules
