// SPDX-License-Identifier: GPL-2.0-only
#include "number.hpp"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace rmguest {
namespace {

struct Suffix {
    std::string_view text;
    unsigned shift;
};

constexpr std::array suffixes{
    Suffix{"", 0},   Suffix{"K", 10}, Suffix{"M", 20},   Suffix{"G", 30},   Suffix{"k", 10},
    Suffix{"m", 20}, Suffix{"g", 30}, Suffix{"KiB", 10}, Suffix{"MiB", 20}, Suffix{"GiB", 30},
};

std::optional<unsigned> suffix_shift(std::string_view text) {
    for (const Suffix& suffix : suffixes) {
        if (suffix.text == text) {
            return suffix.shift;
        }
    }
    return std::nullopt;
}

Error bad_size(std::string_view text, std::string_view why) {
    return Error{fmt::format("'{}' is not a size or address: {}", text, why),
                 "write it like 4096, 0x7c00, 64K, 2M or 1G"};
}

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
    std::string_view digits = text;
    int base = 10;
    if (digits.starts_with("0x") || digits.starts_with("0X")) {
        digits.remove_prefix(2);
        base = 16;
    }
    std::uint64_t number = 0;
    const char* end = digits.data() + digits.size();
    const auto [rest, status] = std::from_chars(digits.data(), end, number, base);
    if (status == std::errc::result_out_of_range) {
        return bad_size(text, "it does not fit into 64 bits");
    }
    if (status != std::errc{}) {
        return bad_size(text, "it does not start with a number");
    }
    const auto tail = std::string_view(rest, static_cast<std::size_t>(end - rest));
    const auto shift = suffix_shift(tail);
    if (!shift) {
        return bad_size(text, fmt::format("'{}' is no suffix", tail));
    }
    if (number > (std::numeric_limits<std::uint64_t>::max() >> *shift)) {
        return bad_size(text, "it does not fit into 64 bits");
    }
    return number << *shift;
}

Result<double> parse_seconds(std::string_view text) {
    constexpr double longest = 366.0 * 24 * 3600;
    double seconds = 0;
    const char* end = text.data() + text.size();
    const auto [rest, status] = std::from_chars(text.data(), end, seconds);
    if (status != std::errc{} || rest != end || !(seconds > 0) || seconds > longest) {
        return Error{fmt::format("'{}' is not a time in seconds", text),
                     "write it like 10 or 0.5; it must be above 0"};
    }
    return seconds;
}

}  // namespace rmguest
