// SPDX-License-Identifier: GPL-2.0-only
// MOV to and from control registers, CLTS and LMSW.
#pragma once

#include "exit/context.hpp"

namespace rmv {

[[nodiscard]] Action handle_cr_access(ExitContext& exit, visor_stop& stop) noexcept;

}  // namespace rmv
