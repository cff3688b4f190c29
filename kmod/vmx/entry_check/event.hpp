// SPDX-License-Identifier: GPL-2.0-only
// The event that a VM entry injects (SDM: "VM-Entry Controls for Event Injection").
#pragma once

#include "vmx/entry_check/state.hpp"

namespace rmv {

enum class EventType : u32 {
    external_interrupt = 0,
    reserved = 1,
    nmi = 2,
    hardware_exception = 3,
    software_interrupt = 4,
    privileged_software_exception = 5,
    software_exception = 6,
    other_event = 7,
};

enum class EventInfo : u64 { deliver_error_code = bit(11), valid = bit(31) };

struct InjectedEvent {
    bool is_valid;
    EventType type;
    unsigned vector;
    bool has_error_code;

    [[nodiscard]] constexpr bool is(EventType one) const noexcept {
        return is_valid && type == one;
    }
};

[[nodiscard]] inline InjectedEvent injected_event(const EntryState& state) noexcept {
    const u64 info = state.read(Field::entry_interruption_info);
    return {has(info, EventInfo::valid), static_cast<EventType>(bits(info, 10, 8)),
            static_cast<unsigned>(bits(info, 7, 0)), has(info, EventInfo::deliver_error_code)};
}

// Vectors that rules name.
inline constexpr unsigned debug_exception = 1;
inline constexpr unsigned nmi_vector = 2;
inline constexpr unsigned machine_check = 18;
inline constexpr unsigned last_exception = 31;

// #DF, #TS, #NP, #SS, #GP, #PF, #AC.
[[nodiscard]] constexpr bool pushes_error_code(unsigned vector) noexcept {
    constexpr u64 vectors = bit(8) | bit(10) | bit(11) | bit(12) | bit(13) | bit(14) | bit(17);
    return vector <= last_exception && (vectors & bit(vector)) != 0;
}

}  // namespace rmv
