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
        case EventKind::irq: return 0u << 8;
        case EventKind::nmi: return 4u << 8;
        case EventKind::init: return 5u << 8;
        case EventKind::sipi: return 6u << 8;
    }
    return 0;
}

Error not_taken(const Vcpu& vcpu, const Injection& injection, int error_number) {
    return system_error(fmt::format("vCPU {} gets no {}", vcpu.id(), to_string(injection.kind)),
                        error_number, "this module can't inject it; see dmesg");
}

Outcome set_mp_state(const Vcpu& vcpu, const Injection& injection, std::uint32_t state) {
    const kvm_mp_state mp_state{.mp_state = state};
    if (::ioctl(vcpu.descriptor(), KVM_SET_MP_STATE, &mp_state) != 0) {
        return not_taken(vcpu, injection, errno);
    }
    return Done{};
}

Outcome set_sipi(const Vcpu& vcpu, const Injection& injection) {
    kvm_vcpu_events events{};
    if (::ioctl(vcpu.descriptor(), KVM_GET_VCPU_EVENTS, &events) != 0) {
        return not_taken(vcpu, injection, errno);
    }
    events.sipi_vector = injection.vector;
    events.flags = KVM_VCPUEVENT_VALID_SIPI_VECTOR;
    if (::ioctl(vcpu.descriptor(), KVM_SET_VCPU_EVENTS, &events) != 0) {
        return not_taken(vcpu, injection, errno);
    }
    return set_mp_state(vcpu, injection, KVM_MP_STATE_SIPI_RECEIVED);
}

// Whether a local APIC has taken it.
Result<bool> send_message(const Machine& machine, const Vcpu& vcpu, const Injection& injection) {
    constexpr std::uint32_t apic_messages = 0xfee00000;
    kvm_msi message{};
    message.address_lo = apic_messages | (vcpu.id() << 12);
    message.data = delivery_mode(injection.kind) | injection.vector;
    const int taken = ::ioctl(machine.descriptor(), KVM_SIGNAL_MSI, &message);
    return taken < 0 ? Result<bool>(not_taken(vcpu, injection, errno)) : Result<bool>(taken > 0);
}

Outcome inject_by_call(const Vcpu& vcpu, const Injection& injection) {
    switch (injection.kind) {
        case EventKind::irq:
            return Error{fmt::format("vCPU {} does not take the interrupt", vcpu.id()),
                         "its local APIC is switched off"};
        case EventKind::nmi:
            return ::ioctl(vcpu.descriptor(), KVM_NMI) == 0
                       ? Outcome(Done{})
                       : Outcome(not_taken(vcpu, injection, errno));
        case EventKind::init: return set_mp_state(vcpu, injection, KVM_MP_STATE_INIT_RECEIVED);
        case EventKind::sipi: return set_sipi(vcpu, injection);
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

EventRoute choose_route(const Machine& machine, bool has_apic) {
    if (!has_apic) {
        return EventRoute::no_apic;
    }
    const bool takes_messages =
        ::ioctl(machine.descriptor(), KVM_CHECK_EXTENSION, KVM_CAP_SIGNAL_MSI) > 0;
    return takes_messages ? EventRoute::messages : EventRoute::calls;
}

bool waits_for_guest(const Injection& injection, EventRoute route) {
    return injection.kind == EventKind::irq && route != EventRoute::messages;
}

Outcome inject_now(const Machine& machine, const Vcpu& vcpu, const Injection& injection,
                   EventRoute route) {
    if (route == EventRoute::no_apic && injection.kind != EventKind::nmi) {
        return Error{fmt::format("vCPU {} has no local APIC that takes an {}", vcpu.id(),
                                 to_string(injection.kind)),
                     "run the guest with --apic"};
    }
    if (route == EventRoute::messages) {
        // A KVM (6.18) was seen to take no message for a vCPU that was never started.
        const auto taken = send_message(machine, vcpu, injection);
        if (!taken || *taken) {
            return taken ? Outcome(Done{}) : taken.error();
        }
    }
    return inject_by_call(vcpu, injection);
}

}  // namespace rmguest
