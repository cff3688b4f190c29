// SPDX-License-Identifier: GPL-2.0-only
#include "port_range.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "number.hpp"

namespace rmguest {
namespace {

constexpr std::uint64_t ports = 0x10000;

struct Claim {
    std::size_t depth;
    std::string name;
};

// "  0060-0060 : keyboard", if it has one of the ports.
bool take_claim(const std::string& line, const PortRange& range, Claim& claim) {
    unsigned first = 0;
    unsigned last = 0;
    int name = 0;
    if (std::sscanf(line.c_str(), " %x-%x : %n", &first, &last, &name) != 2 || name == 0) {
        return false;
    }
    claim = {line.find_first_not_of(' '), line.substr(static_cast<std::size_t>(name))};
    return first <= range.last() && last >= range.first;
}

}  // namespace

Result<PortRange> parse_port_range(std::string_view text) {
    const auto colon = text.find(':');
    const auto first = parse_size(text.substr(0, colon));
    if (!first) {
        return first.error();
    }
    PortRange range{static_cast<std::uint32_t>(*first), 1, {}};
    std::uint64_t count = 1;
    if (colon != std::string_view::npos) {
        const auto rest = text.substr(colon + 1);
        const auto second = rest.find(':');
        const auto given = parse_size(rest.substr(0, second));
        if (!given) {
            return given.error();
        }
        count = *given;
        range.owner = second == std::string_view::npos ? "" : rest.substr(second + 1);
    }
    if (*first >= ports || count == 0 || count > ports - *first) {
        return Error{fmt::format("'{}' is no range of ports", text),
                     "write FIRST:COUNT, within 0 to 0xffff"};
    }
    range.count = static_cast<std::uint32_t>(count);
    return range;
}

std::vector<std::string> port_owners(const std::string& ioports, const PortRange& range) {
    std::vector<Claim> claims;
    std::istringstream lines(ioports);
    for (std::string line; std::getline(lines, line);) {
        Claim claim;
        if (!take_claim(line, range, claim)) {
            continue;
        }
        if (!claims.empty() && claims.back().depth < claim.depth) {
            claims.pop_back();
        }
        claims.push_back(std::move(claim));
    }
    std::vector<std::string> names;
    for (Claim& claim : claims) {
        const bool is_bus = claim.name.starts_with("PCI Bus");
        if (!is_bus && std::ranges::find(names, claim.name) == names.end()) {
            names.push_back(std::move(claim.name));
        }
    }
    return names;
}

Outcome check_port_owner(const std::string& ioports, const PortRange& range) {
    for (const std::string& name : port_owners(ioports, range)) {
        if (name != range.owner) {
            return Error{
                fmt::format("of the ports {:#x} to {:#x}, '{}' has some", range.first, range.last(),
                            name),
                fmt::format("--ports {:#x}:{}:'{}' gives them to the guest all the same, and both "
                            "use them then",
                            range.first, range.count, name)};
        }
    }
    return Done{};
}

}  // namespace rmguest
