// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <Zydis/Zydis.h>

#include <array>
#include <optional>
#include <span>

#include "lib/vcpu_state.hpp"

namespace rmguest {

struct Decoded {
    ZydisDecodedInstruction info;
    std::array<ZydisDecodedOperand, ZYDIS_MAX_OPERAND_COUNT> operands;
};

// How a repeat prefix works on a string instruction.
enum class Repeat { none, always, while_equal, while_not_equal };

// The first instruction in `bytes`, or nothing if it is none or incomplete.
[[nodiscard]] std::optional<Decoded> decode(std::span<const std::uint8_t> bytes,
                                            const VcpuState& state);

[[nodiscard]] bool is_string(const Decoded& instruction);
[[nodiscard]] Repeat repeat_of(const Decoded& instruction);

}  // namespace rmguest
