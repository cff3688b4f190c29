// SPDX-License-Identifier: GPL-2.0-only
// The APIC timer (SDM: APIC Timer), as arithmetic on TSC values. Its input clock is the TSC: one
// count takes as many ticks as the divide value. Nothing here runs by itself: whoever enters the
// guest asks for deadline() and calls expire() when it has passed.
#pragma once

#include <optional>

#include "x86/apic.hpp"

namespace rmv::apic {

class Timer {
public:
    [[nodiscard]] TimerMode mode() const noexcept { return mode_; }

    // A write of the LVT timer register. A switch to or from TSC-deadline mode disarms; between the
    // other two the count goes on.
    void set_mode(TimerMode mode) noexcept;
    // A write of the divide configuration register: the count goes on at the new rate.
    void set_divide(u32 divide_configuration, u64 now) noexcept;
    // A write of the initial-count register; ignored in TSC-deadline mode. 0 stops.
    void set_initial_count(u32 count, u64 now) noexcept;
    // The owner restores a count that was running; 0: it had run out.
    void resume(u32 current_count, u64 now) noexcept;
    // A write of IA32_TSC_DEADLINE; ignored in other modes. 0 disarms.
    void set_tsc_deadline(u64 deadline) noexcept;

    [[nodiscard]] u32 initial_count() const noexcept { return initial_count_; }
    [[nodiscard]] u32 current_count(u64 now) const noexcept;
    // What RDMSR of IA32_TSC_DEADLINE gives: 0 unless armed.
    [[nodiscard]] u64 tsc_deadline() const noexcept {
        return mode_ == TimerMode::tsc_deadline ? deadline_ : 0;
    }

    // TSC value at which the timer expires next; empty: not armed.
    [[nodiscard]] std::optional<u64> deadline() const noexcept;
    // Whether it has expired at `now`. Goes on with the next period (missed ones are not repeated),
    // or disarms.
    [[nodiscard]] bool expire(u64 now) noexcept;

private:
    [[nodiscard]] u64 period() const noexcept { return u64{initial_count_} << divide_shift_; }

    TimerMode mode_ = TimerMode::one_shot;
    u32 divide_shift_ = 1;
    u32 initial_count_ = 0;
    u64 deadline_ = 0;  // 0: not armed
};

// Divide value of a divide configuration register, as a power of two (SDM: Divide Configuration
// Register): 000b is 2, 110b is 128, 111b is 1; bit 2 is skipped in the register.
[[nodiscard]] constexpr u32 divide_shift(u32 divide_configuration) noexcept {
    const u32 encoded = (divide_configuration & 3) | ((divide_configuration >> 1) & 4);
    return (encoded + 1) & 7;
}
static_assert(divide_shift(0) == 1 && divide_shift(0xa) == 7 && divide_shift(0xb) == 0);

}  // namespace rmv::apic
