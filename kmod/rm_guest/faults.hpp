// SPDX-License-Identifier: GPL-2.0-only
// Exceptions that an instruction raises because the guest may not have what it asks for.
#pragma once

#include "exit/context.hpp"

namespace rmv {

// #UD.
[[nodiscard]] Action undefined_instruction(Vmcs& vmcs) noexcept;
// #GP(0); without an error code in real mode.
[[nodiscard]] Action general_protection(Vmcs& vmcs) noexcept;

}  // namespace rmv
