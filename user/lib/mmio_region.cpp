// SPDX-License-Identifier: GPL-2.0-only
#include "mmio_region.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "number.hpp"

namespace rmguest {
namespace {

constexpr std::uint64_t four_gigabytes = std::uint64_t{1} << 32;

}  // namespace

Result<MmioRange> parse_mmio(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) {
        return Error{fmt::format("'{}' is no range of addresses", text),
                     "write ADDR:SIZE or ADDR:SIZE:NAME, like 0xfed00000:4K:timer"};
    }
    const std::string_view rest = text.substr(colon + 1);
    const auto second = rest.find(':');
    const auto address = parse_size(text.substr(0, colon));
    if (!address) {
        return address.error();
    }
    const auto size = parse_size(rest.substr(0, second));
    if (!size) {
        return size.error();
    }
    if (*size == 0 || *size > largest_mmio_size) {
        return Error{fmt::format("a range can't have {:#x} bytes", *size), "give 1 to 16M"};
    }
    if (*address > four_gigabytes || *address + *size > four_gigabytes) {
        return Error{fmt::format("the range at {:#x} does not end below 4 GiB", *address), {}};
    }
    std::string name(second == std::string_view::npos ? "" : rest.substr(second + 1));
    return MmioRange{*address, *size, name.empty() ? fmt::format("{:x}", *address) : name};
}

Outcome check_mmio(const std::vector<MmioRange>& ranges) {
    std::vector<MmioRange> sorted = ranges;
    std::ranges::sort(sorted, {}, &MmioRange::address);
    for (std::size_t index = 1; index < sorted.size(); ++index) {
        if (sorted[index].address < sorted[index - 1].end()) {
            return Error{fmt::format("the ranges '{}' and '{}' overlap", sorted[index - 1].name,
                                     sorted[index].name),
                         "give each address to one --mmio only"};
        }
    }
    return Done{};
}

}  // namespace rmguest
