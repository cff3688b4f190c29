// SPDX-License-Identifier: GPL-2.0-only
#include "injection.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>

namespace rmguest {
namespace {

struct KindName {
    EventKind kind;
    const char* name;
    bool has_vector;
};

constexpr std::array kinds{
    KindName{EventKind::irq, "irq", true},
    KindName{EventKind::nmi, "nmi", false},
    KindName{EventKind::init, "init", false},
    KindName{EventKind::sipi, "sipi", true},
};

// SDM: Interrupt Command Register (ICR); a message to an APIC has them in the same place.
constexpr std::uint32_t delivery_mode(EventKind kind) {
    switch (kind) {
        case EventKind::irq:
            return 0u << 8;
        case EventKind::nmi:
            return 4u << 8;
        case EventKind::init:
            return 5u << 8;
        case EventKind::sipi:
            return 6u << 8;
    }
    return 0;
}

Outcome send_message(const Machine& machine, const Vcpu& vcpu, const Injection& injection) {
    constexpr std::uint32_t apic_messages = 0xfee00000;
    kvm_msi message{};
    message.address_lo = apic_messages | (vcpu.id() << 12);
    message.data = delivery_mode(injection.kind) | injection.vector;
    const int taken = ::ioctl(machine.descriptor(), KVM_SIGNAL_MSI, &message);
    if (taken < 0) {
        return system_error(fmt::format("vCPU {} gets no {}", vcpu.id(), to_string(injection.kind)),
                            errno, "see dmesg");
    }
    if (taken == 0) {
        return Error{
            fmt::format("vCPU {} does not take the {}", vcpu.id(), to_string(injection.kind)),
            "its local APIC is switched off, or an event like it is pending already"};
    }
    return Done{};
}

}  // namespace

const char* to_string(EventKind kind) {
    for (const KindName& known : kinds) {
        if (known.kind == kind) {
            return known.name;
        }
    }
    return "unknown";
}

Result<Injection> parse_injection(std::string_view kind, std::optional<std::uint64_t> vector) {
    for (const KindName& known : kinds) {
        if (kind != known.name) {
            continue;
        }
        if (known.has_vector != vector.has_value()) {
            return known.has_vector
                       ? Error{fmt::format("{} needs a vector", kind), "from 0 to 0xff"}
                       : Error{fmt::format("{} has no vector", kind), "leave the number away"};
        }
        if (vector.value_or(0) > 0xff) {
            return Error{fmt::format("there is no vector {:#x}", *vector), "from 0 to 0xff"};
        }
        return Injection{known.kind, static_cast<std::uint8_t>(vector.value_or(0))};
    }
    return Error{fmt::format("there is no event '{}'", kind), "irq, nmi, init or sipi"};
}

bool waits_for_guest(const Injection& injection, bool has_apic) {
    return injection.kind == EventKind::irq && !has_apic;
}

Outcome inject_now(const Machine& machine, const Vcpu& vcpu, const Injection& injection,
                   bool has_apic) {
    if (has_apic) {
        return send_message(machine, vcpu, injection);
    }
    if (injection.kind != EventKind::nmi) {
        return Error{fmt::format("vCPU {} has no local APIC that takes an {}", vcpu.id(),
                                 to_string(injection.kind)),
                     "run the guest with --apic"};
    }
    if (::ioctl(vcpu.descriptor(), KVM_NMI) != 0) {
        return system_error(fmt::format("vCPU {} gets no NMI", vcpu.id()), errno,
                            "this module can't inject NMIs");
    }
    return Done{};
}

}  // namespace rmguest
