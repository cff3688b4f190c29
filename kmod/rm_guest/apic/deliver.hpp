// SPDX-License-Identifier: GPL-2.0-only
// IPIs between the vCPUs of one guest. What is sent goes into the target's inbox; if the target
// runs, an NMI makes it look. Nothing else of the physical APIC is touched.
#pragma once

#include "vmx/cpu.hpp"

namespace rmv::apic {

// The guest's tag for inboxes.
[[nodiscard]] u32 tag_of(const RmGuest& rm) noexcept;

// What the guest has written into its ICR.
void send(Cpu& sender, u64 icr) noexcept;

// The CPU serves another guest from now on, or none: no post arrives any more, and no NMI of a
// sender either once this has returned (bounded wait).
void close_inbox(Cpu& cpu) noexcept;

}  // namespace rmv::apic
