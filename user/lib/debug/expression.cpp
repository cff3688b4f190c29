// SPDX-License-Identifier: GPL-2.0-only
#include "expression.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "register_access.hpp"

namespace rmguest {
namespace {

std::optional<std::uint64_t> parse_hex(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
    }
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, status] = std::from_chars(text.data(), end, number, 16);
    return status == std::errc{} && rest == end ? std::optional{number} : std::nullopt;
}

Result<std::uint64_t> term(std::string_view text, const Names& names) {
    if (const auto number = parse_hex(text)) {
        return *number;
    }
    if (const auto value = read_register(names.state, text)) {
        return *value;
    }
    if (const auto address = names.symbols.address_of(text)) {
        return *address;
    }
    return Error{fmt::format("'{}' is no number, register or symbol", text),
                 "numbers are hexadecimal, and symbols come with an ELF image"};
}

// "10" and "-3", which is 65533 where offsets have 16 bits.
std::uint64_t wrap_offset(const VcpuState& state, std::uint64_t offset) {
    constexpr std::uint64_t mask16 = 0xffff, mask32 = 0xffff'ffff;
    if (is_protected(state)) {
        return code_size(state) == CodeSize::bits64 ? offset : offset & mask32;
    }
    // Unreal mode reaches further.
    return offset > ~mask32 ? offset & mask16 : offset;
}

}  // namespace

Result<std::uint64_t> evaluate(std::string_view text, const Names& names) {
    std::uint64_t sum = 0;
    bool is_minus = false;
    for (;;) {
        const auto end = std::min(text.find_first_of("+-"), text.size());
        const auto value = term(text.substr(0, end), names);
        if (!value) {
            return value.error();
        }
        sum = is_minus ? sum - *value : sum + *value;
        if (end == text.size()) {
            return sum;
        }
        is_minus = text[end] == '-';
        text.remove_prefix(end + 1);
    }
}

Result<std::uint64_t> evaluate_address(std::string_view text, const Names& names) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) {
        return evaluate(text, names);
    }
    const std::string_view segment_text = text.substr(0, colon);
    const auto offset = evaluate(text.substr(colon + 1), names);
    if (!offset) {
        return offset.error();
    }
    const std::uint64_t wrapped = wrap_offset(names.state, *offset);
    if (const kvm_segment* segment = segment_register(names.state, segment_text)) {
        return address_in(names.state, *segment, wrapped);
    }
    if (is_protected(names.state)) {
        return Error{fmt::format("segment '{}' has a base that is not known here", segment_text),
                     "give a linear address, or a segment register such as ds:1000"};
    }
    const auto segment = evaluate(segment_text, names);
    if (!segment) {
        return segment.error();
    }
    return (*segment << 4) + wrapped;
}

}  // namespace rmguest
