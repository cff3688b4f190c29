// SPDX-License-Identifier: GPL-2.0-only
//
// Ports of the machine that a guest reaches by itself: --ports.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"

namespace rmguest {

// "FIRST", "FIRST:COUNT" or "FIRST:COUNT:OWNER".
struct PortRange {
    std::uint32_t first;
    std::uint32_t count;
    std::string owner;  // in /proc/ioports, whose ports they become all the same; "": nobody's

    [[nodiscard]] std::uint32_t last() const { return first + count - 1; }
};

[[nodiscard]] Result<PortRange> parse_port_range(std::string_view text);

// Who has one of these ports, by the text of /proc/ioports: of ranges in each other, the inner one.
// A bus has its ports for others.
[[nodiscard]] std::vector<std::string> port_owners(const std::string& ioports,
                                                   const PortRange& range);

// That the ports belong to nobody but the owner that the user has named.
[[nodiscard]] Outcome check_port_owner(const std::string& ioports, const PortRange& range);

}  // namespace rmguest
