// SPDX-License-Identifier: GPL-2.0-only
//
// What rmguest doctor finds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rmguest::doctor {

enum class Verdict {
    ok,
    note,     // worth knowing
    warning,  // works, but not as well as it could; or guests don't work and the rest does
    blocks,   // rmvisor can't be loaded, or not before the cure
    unseen,   // could not be looked at
};

struct Finding {
    Verdict verdict;
    std::string subject;                   // a word or two, such as "VMX"
    std::string text;                      // what is so
    std::string cure = {};                 // what to do about it; may be empty
    std::vector<std::uint32_t> cpus = {};  // whom it is about; empty: the whole machine
};

using Findings = std::vector<Finding>;

[[nodiscard]] const char* to_string(Verdict verdict);

}  // namespace rmguest::doctor
