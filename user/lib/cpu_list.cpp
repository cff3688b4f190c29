// SPDX-License-Identifier: GPL-2.0-only
#include "cpu_list.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace rmguest {
namespace {

constexpr std::uint32_t largest_cpu = 8191;  // NR_CPUS of the kernels that allow most

std::optional<std::uint32_t> parse_cpu(std::string_view text) {
    std::uint32_t number = 0;
    const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = status == std::errc{} && rest == text.data() + text.size();
    return is_number && number <= largest_cpu ? std::optional{number} : std::nullopt;
}

Error no_list(std::string_view text) {
    return Error{fmt::format("'{}' is no list of CPUs", text), "give numbers such as 1,2,5-7"};
}

}  // namespace

Result<std::vector<std::uint32_t>> parse_cpu_list(std::string_view text) {
    std::vector<std::uint32_t> cpus;
    std::string_view rest = text;
    for (bool goes_on = true; goes_on;) {
        const auto comma = rest.find(',');
        goes_on = comma != std::string_view::npos;
        const std::string_view part = rest.substr(0, comma);
        rest = goes_on ? rest.substr(comma + 1) : std::string_view{};
        const auto dash = part.find('-');
        const auto first = parse_cpu(part.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : parse_cpu(part.substr(dash + 1));
        if (!first || !last || *last < *first) {
            return no_list(text);
        }
        for (std::uint32_t cpu = *first; cpu <= *last; ++cpu) {
            if (std::ranges::find(cpus, cpu) != cpus.end()) {
                return Error{fmt::format("CPU {} is in the list '{}' twice", cpu, text),
                             "name each CPU once"};
            }
            cpus.push_back(cpu);
        }
    }
    return cpus;
}

std::string format_cpu_list(const std::vector<std::uint32_t>& cpus) {
    std::string text;
    for (std::size_t first = 0; first < cpus.size();) {
        std::size_t last = first;
        while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) {
            ++last;
        }
        text += text.empty() ? "" : ",";
        text += fmt::format("{}", cpus[first]);
        if (last != first) {
            text += fmt::format("-{}", cpus[last]);
        }
        first = last + 1;
    }
    return text.empty() ? "none" : text;
}

}  // namespace rmguest
