// SPDX-License-Identifier: GPL-2.0-only
// RDMSR and WRMSR. The guest reaches no MSR of the machine: each one it has is in its VMCS or here.
#pragma once

#include "exit/context.hpp"

namespace rmv {

[[nodiscard]] Action handle_rdmsr(ExitContext& exit) noexcept;
[[nodiscard]] Action handle_wrmsr(ExitContext& exit, visor_stop& stop) noexcept;

}  // namespace rmv
