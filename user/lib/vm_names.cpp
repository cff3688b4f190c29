// SPDX-License-Identifier: GPL-2.0-only
#include "vm_names.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "read_file.hpp"

namespace rmguest {
namespace {

std::optional<std::uint32_t> number_of(std::string_view text) {
    std::uint32_t value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, status] = std::from_chars(text.data(), end, value);
    return status == std::errc{} && rest == end ? std::optional{value} : std::nullopt;
}

}  // namespace

VmNames parse_vm_names(std::string_view text) {
    VmNames names;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto blank = line.find(' ');
        if (!line.starts_with("vm") || blank == line.npos || blank + 1 == line.size()) {
            continue;
        }
        if (const auto vm = number_of(line.substr(2, blank - 2))) {
            names[*vm] = line.substr(blank + 1);
        }
    }
    return names;
}

VmNames read_vm_names(const std::string& debugfs) {
    const auto text = read_file(debugfs + "/names");
    if (!text) {
        return {};
    }
    return parse_vm_names({reinterpret_cast<const char*>(text->data()), text->size()});
}

std::string name_of(const VmNames& names, const rmvisor_trace_record& record) {
    const auto found = names.find(record.vm);
    return record.vm == 0 || found == names.end() ? std::string() : found->second;
}

Result<std::uint32_t> find_vm(const VmNames& names, const std::string& text) {
    if (const auto number = number_of(text)) {
        return *number;
    }
    for (auto one = names.rbegin(); one != names.rend(); ++one) {
        if (one->second == text) {
            return one->first;
        }
    }
    return Error{fmt::format("--vm: no guest named '{}' is known there", text),
                 "give its number, or a name that the trace shows; 0 is Linux"};
}

}  // namespace rmguest
