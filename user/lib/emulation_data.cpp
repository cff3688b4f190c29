// SPDX-License-Identifier: GPL-2.0-only
#include "emulation_data.hpp"

#include <algorithm>
#include <cstddef>

namespace rmguest {
namespace {

constexpr std::size_t flags_words = 1, bytes_words = 2, data_words = 5;

bool has_bytes(const kvm_run& page) {
    return page.internal.ndata >= flags_words + bytes_words &&
           (page.emulation_failure.flags & KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES) !=
               0;
}

}  // namespace

std::span<const std::uint8_t> instruction_bytes(const kvm_run& page) {
    if (!has_bytes(page)) {
        return {};
    }
    const auto& failure = page.emulation_failure;
    return std::span(failure.insn_bytes)
        .first(std::min<std::size_t>(failure.insn_size, sizeof(failure.insn_bytes)));
}

std::optional<EmulationData> emulation_data(const kvm_run& page) {
    const std::size_t first = flags_words + (has_bytes(page) ? bytes_words : 0);
    if (page.internal.ndata < first + data_words) {
        return std::nullopt;
    }
    const auto* data = &page.internal.data[first];
    return EmulationData{.reason = static_cast<std::uint32_t>(data[0]),
                         .qualification = data[1],
                         .physical = data[2],
                         .linear = data[3],
                         .interruption = static_cast<std::uint32_t>(data[4])};
}

}  // namespace rmguest
