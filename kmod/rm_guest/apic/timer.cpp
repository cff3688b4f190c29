// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/apic/timer.hpp"

namespace rmv::apic {

namespace {

// A deadline in the far future would wrap around; 0 means "not armed".
u64 after(u64 now, u64 ticks) noexcept {
    const u64 sum = now + ticks;
    return sum < now || sum == 0 ? ~u64{0} : sum;
}

bool is_counter(TimerMode mode) noexcept {
    return mode == TimerMode::one_shot || mode == TimerMode::periodic;
}

}  // namespace

void Timer::set_mode(TimerMode mode) noexcept {
    if (mode == mode_) return;
    if (!is_counter(mode) || !is_counter(mode_)) {
        deadline_ = 0;
        initial_count_ = 0;
    }
    mode_ = mode;
}

void Timer::set_divide(u32 divide_configuration, u64 now) noexcept {
    const u32 shift = divide_shift(divide_configuration);
    if (is_counter(mode_) && deadline_ != 0)
        deadline_ = after(now, u64{current_count(now)} << shift);
    divide_shift_ = shift;
}

void Timer::set_initial_count(u32 count, u64 now) noexcept {
    if (!is_counter(mode_)) return;
    initial_count_ = count;
    deadline_ = count == 0 ? 0 : after(now, period());
}

void Timer::resume(u32 current_count, u64 now) noexcept {
    if (is_counter(mode_) && current_count <= initial_count_)
        deadline_ = current_count == 0 ? 0 : after(now, u64{current_count} << divide_shift_);
}

void Timer::set_tsc_deadline(u64 deadline) noexcept {
    if (mode_ == TimerMode::tsc_deadline) deadline_ = deadline;
}

u32 Timer::current_count(u64 now) const noexcept {
    if (!is_counter(mode_) || deadline_ == 0) return 0;
    u64 left = 0;
    if (now < deadline_)
        left = deadline_ - now;
    else if (mode_ == TimerMode::periodic)
        left = period() - (now - deadline_) % period();
    const u64 one_count = u64{1} << divide_shift_;
    return static_cast<u32>((left + one_count - 1) >> divide_shift_);
}

std::optional<u64> Timer::deadline() const noexcept {
    if (deadline_ == 0) return std::nullopt;
    return deadline_;
}

bool Timer::expire(u64 now) noexcept {
    if (deadline_ == 0 || now < deadline_) return false;
    if (mode_ != TimerMode::periodic) {
        deadline_ = 0;
        return true;
    }
    const u64 missed = (now - deadline_) / period();
    deadline_ = after(deadline_, (missed + 1) * period());
    return true;
}

}  // namespace rmv::apic
