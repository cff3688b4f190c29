// SPDX-License-Identifier: GPL-2.0-only
#include "verdict.hpp"

#include <cstdio>

#include "vmx/entry_check/entry_check.hpp"

namespace entry_rules {
namespace {

constexpr u32 error_control = 7, error_host = 8;  // SDM: VM-Instruction Error Numbers
constexpr u32 invalid_guest_state = 0x80000000 | 33;

struct Refusal {
    u32 exit_reason, instruction_error;
    u64 qualification;
    bool operator==(const Refusal&) const = default;
};

std::string text(const char* format, auto... values) {
    char line[200];
    std::snprintf(line, sizeof(line), format, values...);
    return line;
}

bool is_in(u32 rule, const std::span<const rmv::EntryRule>& group) {
    const rmv::EntryRule* const found = rmv::entry_rule(rule);
    return found >= group.data() && found < group.data() + group.size();
}

// SDM: Exit Qualification for VM-entry failures.
u64 qualification_of(u32 rule) {
    constexpr u64 pdptes = 2, link_pointer = 4;
    const std::string name = rmv::entry_rule(rule)->text;
    if (name.starts_with("guest PDPTE")) return pdptes;
    return name.starts_with("VMCS link pointer") ? link_pointer : 0;
}

Refusal expected(u32 rule) {
    if (is_in(rule, rmv::execution_control_rules) || is_in(rule, rmv::exit_and_entry_control_rules))
        return {0, error_control, 0};
    if (is_in(rule, rmv::host_rules)) return {0, error_host, 0};
    return {invalid_guest_state, 0, qualification_of(rule)};
}

bool has_failed(const Outcome& outcome) {
    return outcome.instruction_error != 0 || (outcome.exit_reason >> 31) != 0;
}

std::string shown(const Outcome& outcome) {
    return text("exit reason %#x, instruction error %u, qualification %#llx, kvm_run: %u, %#llx",
                outcome.exit_reason, outcome.instruction_error,
                static_cast<unsigned long long>(outcome.qualification), outcome.kvm_exit,
                static_cast<unsigned long long>(outcome.kvm_hardware));
}

// The state before the rule is broken: is it one that this CPU has at all, and takes?
Judgement judge_prepared(Guest& guest, const States& states) {
    const Outcome outcome = guest.attempt(states.prepared, states.may_run);
    if (outcome.state == VISOR_TRIAL_NO_FIELD)
        return {Verdict::untried, text("no VMCS field %#x", outcome.missing_field)};
    if (outcome.rule != rmv::no_broken_rule)
        return {Verdict::untried, visor_entry_rule_text(outcome.rule)};
    if (states.may_run && has_failed(outcome)) return {Verdict::refuses, shown(outcome)};
    return {Verdict::agrees, ""};
}

Judgement judge_broken(Guest& guest, const States& states, u32 rule) {
    const Outcome outcome = guest.attempt(states.broken, true);
    if (outcome.rule == rmv::no_broken_rule)
        return {Verdict::untried, "with this CPU's capabilities it breaks no rule"};
    if (outcome.rule != rule) return {Verdict::not_alone, visor_entry_rule_text(outcome.rule)};
    if (!has_failed(outcome)) return {Verdict::enters, shown(outcome)};
    const Refusal wanted = expected(rule);
    const Refusal got{outcome.exit_reason, outcome.instruction_error,
                      wanted.exit_reason != 0 ? outcome.qualification : 0};
    const u64 told = wanted.exit_reason != 0 ? wanted.exit_reason : wanted.instruction_error;
    const bool is_told = outcome.kvm_exit == KVM_EXIT_FAIL_ENTRY && outcome.kvm_hardware == told;
    if (got != wanted || !is_told) return {Verdict::differs, shown(outcome)};
    return {Verdict::agrees, ""};
}

}  // namespace

Judgement judge(Guest& guest, const test::Case& one) {
    const States states = states_of(one);
    if (states.changes_cpu) return {Verdict::untried, "needs another CPU"};
    Judgement judgement = judge_prepared(guest, states);
    if (judgement.verdict == Verdict::agrees)
        judgement = judge_broken(guest, states, rule_named(one.rule));
    return judgement;
}

const char* text_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::agrees: return "agrees";
        case Verdict::untried: return "untried";
        case Verdict::not_alone: return "another rule";
        case Verdict::enters: return "enters";
        case Verdict::refuses: return "refuses a valid state";
        case Verdict::differs: return "another error";
    }
    return "";
}

}  // namespace entry_rules
