// SPDX-License-Identifier: GPL-2.0-only
// The event that a VM entry injects (SDM: "VM-Entry Controls for Event Injection").
#pragma once

#include "vmx/entry_check/state.hpp"
#include "vmx/interruption.hpp"

namespace rmv {

struct InjectedEvent {
    bool is_valid;
    InterruptionType type;
    unsigned vector;
    bool has_error_code;

    [[nodiscard]] constexpr bool is(InterruptionType one) const noexcept {
        return is_valid && type == one;
    }
    [[nodiscard]] constexpr bool is(Vector one) const noexcept {
        return is_valid && vector == static_cast<unsigned>(one);
    }
};

[[nodiscard]] inline InjectedEvent injected_event(const EntryState& state) noexcept {
    const auto event = decode_interruption(low32(state.read(Field::entry_interruption_info)));
    if (!event) return {};
    return {true, event->type, event->vector, event->has_error_code};
}

}  // namespace rmv
