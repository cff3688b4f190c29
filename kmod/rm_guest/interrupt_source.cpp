// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/interrupt_source.hpp"

namespace rmv {

// The owner's comes first, as an 8259 on the way past the local APIC does in KVM.
bool has_interrupt(const RmGuest& rm) noexcept {
    return rm.events.has_interrupt || (rm.apic.is_on() && apic::deliverable(rm.apic.local));
}

u8 acknowledge_interrupt(RmGuest& rm) noexcept {
    if (!rm.events.has_interrupt) {
        const u8 vector = *apic::deliverable(rm.apic.local);
        apic::take(rm.apic.local, vector);
        return vector;
    }
    rm.events.has_interrupt = false;
    return rm.events.interrupt;
}

}  // namespace rmv
