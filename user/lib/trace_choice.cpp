// SPDX-License-Identifier: GPL-2.0-only
#include "trace_choice.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "exit/reason.hpp"

namespace rmguest {
namespace {

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char character) {
        return static_cast<char>(character >= 'A' && character <= 'Z' ? character + 32 : character);
    });
    return text;
}

std::vector<std::uint16_t> reasons_named(const std::string& part) {
    std::vector<std::uint16_t> reasons;
    unsigned number = 0;
    const auto [rest, status] = std::from_chars(part.data(), part.data() + part.size(), number);
    const bool is_number = status == std::errc{} && rest == part.data() + part.size();
    for (std::uint16_t reason = 0; reason < RMVISOR_STATS_REASONS; ++reason) {
        const auto known = rmv::decode_reason(reason);
        const bool has_name =
            known && lower(rmv::to_string(*known)).find(lower(part)) != std::string::npos;
        if (is_number ? reason == number : has_name) {
            reasons.push_back(reason);
        }
    }
    return reasons;
}

}  // namespace

Result<std::vector<std::uint16_t>> parse_reasons(const std::string& text) {
    std::vector<std::uint16_t> reasons;
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) {
        const auto named = part.empty() ? std::vector<std::uint16_t>{} : reasons_named(part);
        if (named.empty()) {
            return Error{fmt::format("no exit reason is named '{}'", part),
                         "give numbers, or parts of the SDM's names, such as cpuid,i/o,28"};
        }
        reasons.insert(reasons.end(), named.begin(), named.end());
    }
    return reasons;
}

bool is_chosen(const TraceChoice& choice, const rmvisor_trace_record& record) {
    const auto is_in = [](const auto& list, auto value) {
        return list.empty() || std::ranges::find(list, value) != list.end();
    };
    if (!is_in(choice.cpus, record.cpu)) {
        return false;
    }
    if (record.type == RMVISOR_TRACE_LOST) {
        return true;
    }
    return choice.vm.value_or(record.vm) == record.vm && is_in(choice.reasons, record.reason) &&
           (choice.reasons.empty() || record.type == RMVISOR_TRACE_EXIT);
}

}  // namespace rmguest
