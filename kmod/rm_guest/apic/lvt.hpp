// SPDX-License-Identifier: GPL-2.0-only
// The local vector table: which entries there are, and which of their bits can be written (SDM:
// Local Vector Table).
#pragma once

#include "x86/apic.hpp"

namespace rmv::apic {

inline constexpr ApicRegister lvt_registers[] = {
    ApicRegister::lvt_timer, ApicRegister::lvt_thermal, ApicRegister::lvt_performance,
    ApicRegister::lvt_lint0, ApicRegister::lvt_lint1,   ApicRegister::lvt_error,
};

// 0: no entry of the table.
[[nodiscard]] constexpr u32 lvt_writable(ApicRegister reg) noexcept {
    constexpr u32 vector_and_mask = lvt_vector_mask | lvt_masked;
    constexpr u32 delivery_mode = 7u << 8;
    constexpr u32 polarity_and_trigger = bit(13) | bit(15);
    constexpr u32 timer_mode = 3u << lvt_timer_mode_shift;
    if (reg == ApicRegister::lvt_timer) return vector_and_mask | timer_mode;
    if (reg == ApicRegister::lvt_error) return vector_and_mask;
    if (reg == ApicRegister::lvt_thermal || reg == ApicRegister::lvt_performance)
        return vector_and_mask | delivery_mode;
    if (reg == ApicRegister::lvt_lint0 || reg == ApicRegister::lvt_lint1)
        return vector_and_mask | delivery_mode | polarity_and_trigger;
    return 0;
}

}  // namespace rmv::apic
