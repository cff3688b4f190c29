// SPDX-License-Identifier: GPL-2.0-only
// XSETBV: exits in every guest.
#pragma once

#include "exit/context.hpp"

namespace rmv {

[[nodiscard]] Action handle_rm_xsetbv(ExitContext& exit) noexcept;

}  // namespace rmv
