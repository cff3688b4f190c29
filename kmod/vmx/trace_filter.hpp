// SPDX-License-Identifier: GPL-2.0-only
// Which records are kept: a small program, compiled by the shim (struct rmv_filter_step in abi.h),
// checked and copied before it is used. Every step goes forward, so it ends within its length.
#pragma once

#include <linux/rmvisor.h>

#include "x86/types.hpp"

namespace rmv {

class TraceFilter {
public:
    // Takes the program if it is sound; otherwise nothing changes and the answer is false. Each
    // word is read once: Linux could change it meanwhile. 0 steps: everything is kept.
    [[nodiscard]] bool load(const rmv_filter_step* steps, u32 count) noexcept;

    [[nodiscard]] bool accepts_all() const noexcept { return count_ == 0; }
    [[nodiscard]] bool accepts(const rmvisor_trace_record& record) const noexcept {
        return accepts_all() || run(record);
    }

private:
    [[nodiscard]] bool run(const rmvisor_trace_record& record) const noexcept;

    u32 count_ = 0;
    rmv_filter_step steps_[RMV_FILTER_STEPS]{};
};

}  // namespace rmv
