// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/entry_check/entry_check.hpp"

namespace rmv {
namespace {

struct RuleGroup {
    const std::span<const EntryRule>& rules;
    u32 (*first_broken)(const EntryState& state) noexcept;
};

// In the order in which the SDM has them; hardware may check in another one.
constexpr RuleGroup groups[] = {
    {execution_control_rules, broken_execution_control_rule},
    {exit_and_entry_control_rules, broken_exit_and_entry_control_rule},
    {host_rules, broken_host_rule},
    {guest_register_rules, broken_guest_register_rule},
    {guest_segment_rules, broken_guest_segment_rule},
    {guest_non_register_rules, broken_guest_non_register_rule},
};

// Looks into one group; `before` counts the rules of those before it.
template <std::size_t group>
[[nodiscard]] bool finds_broken_rule(const EntryState& state, u32& before, u32& found) noexcept {
    constexpr auto first_broken_of_group = groups[group].first_broken;
    if (const u32 number = first_broken_of_group(state); number != 0) found = before + number;
    before += static_cast<u32>(groups[group].rules.size());
    return found != no_broken_rule;
}

}  // namespace

u32 entry_rule_count() noexcept {
    u64 count = 0;
    for (const RuleGroup& group : groups) count += group.rules.size();
    return static_cast<u32>(count);
}

const EntryRule* entry_rule(u32 number) noexcept {
    u64 index = u64{number} - 1;
    for (const RuleGroup& group : groups) {
        if (index < group.rules.size()) return &group.rules[index];
        index -= group.rules.size();
    }
    return nullptr;
}

u32 find_broken_rule(const visor_cpu_facts& facts, Vmcs& vmcs) noexcept {
    const EntryState state{vmcs, facts};
    u32 before = 0;
    u32 found = no_broken_rule;
    [&]<std::size_t... group>(std::index_sequence<group...>) {
        (void)(... || finds_broken_rule<group>(state, before, found));
    }
    (std::make_index_sequence<std::size(groups)>{});
    return found;
}

}  // namespace rmv

const char* visor_entry_rule_text(rmv_u32 rule) {
    if (rule == rmv::no_broken_rule) return "none found";
    const rmv::EntryRule* const found = rmv::entry_rule(rule);
    return found != nullptr ? found->text : "unknown rule";
}
