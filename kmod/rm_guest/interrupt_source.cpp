// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/interrupt_source.hpp"

namespace rmv {

bool has_interrupt(const RmGuest& rm) noexcept { return rm.events.has_interrupt; }

u8 acknowledge_interrupt(RmGuest& rm) noexcept {
    rm.events.has_interrupt = false;
    return rm.events.interrupt;
}

}  // namespace rmv
