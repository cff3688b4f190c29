// SPDX-License-Identifier: GPL-2.0-only
// Interprocessor interrupts: what an ICR value says, and whom it is for (SDM: Interrupt Command
// Register, Determining IPI Destination).
#pragma once

#include "rm_guest/apic/local_apic.hpp"

namespace rmv::apic {

struct Ipi {
    DeliveryMode mode;
    Shorthand shorthand;
    u8 vector;
    bool logical;
    u32 destination;

    friend constexpr bool operator==(const Ipi&, const Ipi&) = default;
};

inline constexpr u32 broadcast = 0xffff'ffff;

// Empty: nothing is sent, because the delivery mode is reserved, or not for an IPI of this guest
// (SMI, ExtINT), or it is an INIT level de-assert, which CPUs ignore since the Pentium 4.
[[nodiscard]] std::optional<Ipi> decode_icr(u64 icr) noexcept;

// Whether the APIC of another CPU, or the sender's own, is meant. Looks at single words of
// `target`, which may be changing: an IPI that races with a change of its target goes either way.
[[nodiscard]] bool is_destination(const Ipi& ipi, const LocalApic& target, bool is_sender) noexcept;

}  // namespace rmv::apic
