// SPDX-License-Identifier: GPL-2.0-only
// A rule of the SDM's chapter "VM Entries" and the groups in which the chapter lists them.
#pragma once

#include <cstddef>
#include <iterator>
#include <span>
#include <type_traits>
#include <utility>

#include "vmx/entry_check/state.hpp"

namespace rmv {

struct EntryRule {
    const char* text;  // what must hold
    bool (*holds)(const EntryState& state) noexcept;
};

// The first rule of a table that does not hold, counted from 1; 0 if all hold. Unrolled at compile
// time, so that each rule is called directly: root has no indirect branches.
template <const auto& rules>
[[nodiscard]] u32 first_broken(const EntryState& state) noexcept {
    u32 number = 0;
    const bool all_hold = [&]<std::size_t... index>(std::index_sequence<index...>) {
        return (
            ... &&
            (++number,
             std::integral_constant<decltype(EntryRule::holds), rules[index].holds>::value(state)));
    }
    (std::make_index_sequence<std::size(rules)>{});
    return all_hold ? 0 : number;
}

// "VM-Execution Control Fields"
extern const std::span<const EntryRule> execution_control_rules;
[[nodiscard]] u32 broken_execution_control_rule(const EntryState& state) noexcept;

// "VM-Exit Control Fields", "VM-Entry Control Fields"
extern const std::span<const EntryRule> exit_and_entry_control_rules;
[[nodiscard]] u32 broken_exit_and_entry_control_rule(const EntryState& state) noexcept;

// "Checks on Host Control Registers, MSRs, and SSP", "Checks on Host Segment and Descriptor-Table
// Registers", "Checks Related to Address-Space Size"
extern const std::span<const EntryRule> host_rules;
[[nodiscard]] u32 broken_host_rule(const EntryState& state) noexcept;

// "Checks on Guest Control Registers, Debug Registers, and MSRs", "Checks on Guest
// Descriptor-Table Registers", "Checks on Guest RIP, RFLAGS, and SSP"
extern const std::span<const EntryRule> guest_register_rules;
[[nodiscard]] u32 broken_guest_register_rule(const EntryState& state) noexcept;

// "Checks on Guest Segment Registers"
extern const std::span<const EntryRule> guest_segment_rules;
[[nodiscard]] u32 broken_guest_segment_rule(const EntryState& state) noexcept;

// "Checks on Guest Non-Register State", "Checks on Guest Page-Directory-Pointer-Table Entries"
extern const std::span<const EntryRule> guest_non_register_rules;
[[nodiscard]] u32 broken_guest_non_register_rule(const EntryState& state) noexcept;

}  // namespace rmv
