// SPDX-License-Identifier: GPL-2.0-only
#include "near_names.hpp"

#include <algorithm>
#include <numeric>

namespace rmguest {
namespace {

struct Candidate {
    std::size_t distance;
    std::string name;

    friend auto operator<=>(const Candidate&, const Candidate&) = default;
};

constexpr std::size_t most_shown = 3;

std::vector<Candidate> rank(std::string_view wanted, const std::vector<std::string>& names) {
    const std::size_t limit = std::max<std::size_t>(2, wanted.size() / 3);
    std::vector<Candidate> ranked;
    for (const std::string& name : names) {
        const std::size_t distance = edit_distance(wanted, name);
        if (distance <= limit || (wanted.size() > 2 && name.find(wanted) != std::string::npos)) {
            ranked.push_back({distance, name});
        }
    }
    std::ranges::sort(ranked);
    ranked.erase(std::unique(ranked.begin(), ranked.end()), ranked.end());
    ranked.resize(std::min(ranked.size(), most_shown));
    return ranked;
}

}  // namespace

std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

std::string describe_near_names(std::string_view wanted,
                                const std::vector<std::string>& candidates) {
    const std::vector<Candidate> ranked = rank(wanted, candidates);
    std::string text;
    for (std::size_t index = 0; index < ranked.size(); ++index) {
        const bool is_last = index + 1 == ranked.size();
        text += index == 0 ? "" : (is_last ? " or " : ", ");
        text += "'" + ranked[index].name + "'";
    }
    return text;
}

}  // namespace rmguest
