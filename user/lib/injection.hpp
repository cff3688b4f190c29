// SPDX-License-Identifier: GPL-2.0-only
//
// Events that are put into a guest from outside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "error.hpp"
#include "machine.hpp"

namespace rmguest {

enum class EventKind { irq, nmi, init, sipi };

struct Injection {
    EventKind kind;
    std::uint8_t vector = 0;  // of irq and sipi; a SIPI's is the page that it starts at
};

[[nodiscard]] const char* to_string(EventKind kind);

// "irq", "nmi", "init" or "sipi"; a vector for those that have one, and only for those.
[[nodiscard]] Result<Injection> parse_injection(std::string_view kind,
                                                std::optional<std::uint64_t> vector);

// How events get into a guest.
enum class EventRoute {
    no_apic,   // no local APIC: interrupts and NMIs by KVM_INTERRUPT and KVM_NMI
    calls,     // the same, with INIT and SIPI by KVM_SET_MP_STATE
    messages,  // all of them to the local APIC, by KVM_SIGNAL_MSI
};

[[nodiscard]] EventRoute choose_route(const Machine& machine, bool has_apic);

// Whether the interrupt has to be given by the vCPU's own thread, when the guest takes it
// (KVM_INTERRUPT), since no local APIC keeps it.
[[nodiscard]] bool waits_for_guest(const Injection& injection, EventRoute route);

// For all that do not: the vCPU is not in KVM_RUN, and has a thread that enters it again.
[[nodiscard]] Outcome inject_now(const Machine& machine, const Vcpu& vcpu,
                                 const Injection& injection, EventRoute route);

}  // namespace rmguest
