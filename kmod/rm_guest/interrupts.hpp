// SPDX-License-Identifier: GPL-2.0-only
// Interrupts and NMIs of the machine that reach a dedicated CPU. None of them is the guest's.
#pragma once

#include "exit/context.hpp"

namespace rmv {

[[nodiscard]] Action handle_external_interrupt() noexcept;
[[nodiscard]] Action handle_exception_or_nmi(ExitContext& exit, visor_stop& stop) noexcept;

}  // namespace rmv
