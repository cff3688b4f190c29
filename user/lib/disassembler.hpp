// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace rmguest {

enum class CodeSize { bits16, bits32, bits64 };

constexpr std::size_t longest_instruction = 15;

struct Disassembly {
    std::string text;
    std::size_t length;
    bool comes_back;  // CALL, INT, LOOP, a repeated string instruction: the one behind it follows
};

// The first instruction in `bytes`; `offset` is its EIP/RIP, for relative targets. Nothing when the
// bytes are no instruction, or end inside of one.
[[nodiscard]] std::optional<Disassembly> disassemble(std::span<const std::uint8_t> bytes,
                                                     CodeSize size, std::uint64_t offset);

}  // namespace rmguest
