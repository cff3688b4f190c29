// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rmguest {

// Number of single-character insertions, deletions and replacements between two words.
[[nodiscard]] std::size_t edit_distance(std::string_view left, std::string_view right);

// Up to three of the candidates that a user who wrote `wanted` may have meant, nearest first, as
// "'a', 'b' or 'c'"; empty when none is near.
[[nodiscard]] std::string describe_near_names(std::string_view wanted,
                                              const std::vector<std::string>& candidates);

}  // namespace rmguest
