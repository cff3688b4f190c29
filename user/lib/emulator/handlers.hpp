// SPDX-License-Identifier: GPL-2.0-only
//
// What each instruction does, by groups. A handler does one instruction, or one iteration of a
// string instruction.
#pragma once

#include <span>

#include "execution.hpp"

namespace rmguest {

struct Handler {
    ZydisMnemonic mnemonic;
    void (*run)(Execution&);
};

[[nodiscard]] std::span<const Handler> move_handlers();
[[nodiscard]] std::span<const Handler> alu_handlers();
[[nodiscard]] std::span<const Handler> multiply_handlers();
[[nodiscard]] std::span<const Handler> bit_handlers();
[[nodiscard]] std::span<const Handler> exchange_handlers();
[[nodiscard]] std::span<const Handler> string_handlers();
[[nodiscard]] std::span<const Handler> stack_handlers();
[[nodiscard]] std::span<const Handler> condition_handlers();

// Of a string instruction if and only if `of_string`: Zydis calls MOVSD and CMPSD of SSE2 the same.
[[nodiscard]] const Handler* find_handler(ZydisMnemonic mnemonic, bool of_string);

}  // namespace rmguest
