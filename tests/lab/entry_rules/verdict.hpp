// SPDX-License-Identifier: GPL-2.0-only
// Whether checker and CPU agree about a case, and what is known of those where they don't.
#pragma once

#include <span>
#include <string>

#include "guest.hpp"

namespace entry_rules {

enum class Verdict {
    agrees,
    untried,    // this CPU has not what the case needs
    not_alone,  // the checker finds another rule broken
    enters,     // the CPU takes what the checker refuses
    refuses,    // the CPU refuses what the checker takes
    differs,    // it refuses with another error or qualification
};

struct Judgement {
    Verdict verdict;
    std::string detail;
};

[[nodiscard]] Judgement judge(Guest& guest, const test::Case& one);

// A rule for which `verdict` is what comes out in some case, and why.
struct Known {
    const char* rule;  // part of its text that no other rule has
    Verdict verdict;
    const char* reason;
};
extern const std::span<const Known> known_differences;

[[nodiscard]] const char* text_of(Verdict verdict);

}  // namespace entry_rules
