// SPDX-License-Identifier: GPL-2.0-only
// CPUID of the guest: answered from the table that its owner gave (KVM_SET_CPUID2), as KVM does it.
#pragma once

#include "exit/context.hpp"
#include "x86/result.hpp"

namespace rmv {

[[nodiscard]] Status get_cpuid_table(Cpu& cpu, visor_cpuid_table& table) noexcept;
// VISOR_BAD_ARGUMENT: more entries than there is room for.
[[nodiscard]] Status set_cpuid_table(Cpu& cpu, const visor_cpuid_table& table) noexcept;

// No table: zeros. A leaf beyond the last one of its range: the last basic leaf (SDM: CPUID).
[[nodiscard]] Action handle_rm_cpuid(ExitContext& exit) noexcept;

}  // namespace rmv
