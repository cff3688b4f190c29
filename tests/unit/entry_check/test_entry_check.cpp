// SPDX-License-Identifier: GPL-2.0-only
// Every rule of VM entry: a state that is valid, and one change that breaks that rule and no other.
#include <gtest/gtest.h>

#include <set>

#include "machine.hpp"
#include "vmx/entry_check/entry_check.hpp"

namespace test {
namespace {

using rmv::entry_rule;
using rmv::entry_rule_count;
using rmv::find_broken_rule;
using rmv::Vmcs;

using Texts = std::set<std::string>;

Cases all_cases() {
    Cases all;
    for (const Cases& some :
         {execution_control_cases(), exit_and_entry_control_cases(), host_cases(),
          guest_register_cases(), guest_segment_cases(), guest_non_register_cases()})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

// Texts of all rules that do not hold.
Texts broken(const Machine& machine) {
    Vmcs vmcs;
    const rmv::EntryState state{vmcs, machine.facts};
    Texts texts;
    for (u32 number = 1; number <= entry_rule_count(); ++number) {
        if (!entry_rule(number)->holds(state)) texts.insert(entry_rule(number)->text);
    }
    EXPECT_TRUE(vmcs.status().ok()) << "a rule read a field that the CPU lacks";
    return texts;
}

Texts rules_named(const std::string& part) {
    Texts texts;
    for (u32 number = 1; number <= entry_rule_count(); ++number) {
        const std::string text = entry_rule(number)->text;
        if (text.find(part) != std::string::npos) texts.insert(text);
    }
    return texts;
}

u32 first_broken(const Machine& machine) {
    Vmcs vmcs;
    return find_broken_rule(machine.facts, vmcs);
}

TEST(EntryCheck, ValidStatesBreakNoRule) {
    for (const Change& base : {Change{linux_guest}, Change{real_mode_guest}, Change{v8086_guest}}) {
        Machine machine;
        base(machine);
        EXPECT_EQ(broken(machine), Texts{});
        EXPECT_EQ(first_broken(machine), rmv::no_broken_rule);
    }
}

class EntryRuleTest : public ::testing::TestWithParam<Case> {};

TEST_P(EntryRuleTest, IsTheOnlyOneBroken) {
    const Case& one = GetParam();
    const Texts expected = rules_named(one.rule);
    ASSERT_EQ(expected.size(), 1u) << "the case must name one rule: " << one.rule;

    Machine machine;
    one.base(machine);
    one.prepare(machine);
    ASSERT_EQ(broken(machine), Texts{}) << "the prepared state is not valid";
    ASSERT_EQ(first_broken(machine), rmv::no_broken_rule);

    one.breaks(machine);
    EXPECT_EQ(broken(machine), expected);
    const u32 number = first_broken(machine);
    ASSERT_NE(number, rmv::no_broken_rule);
    EXPECT_EQ(visor_entry_rule_text(number), *expected.begin());
}

INSTANTIATE_TEST_SUITE_P(Rules, EntryRuleTest, ::testing::ValuesIn(all_cases()));

TEST(EntryCheck, EveryRuleHasACase) {
    Texts untested = rules_named("");
    for (const Case& one : all_cases())
        for (const std::string& text : rules_named(one.rule)) untested.erase(text);
    EXPECT_EQ(untested, Texts{});
}

TEST(EntryCheck, TextsTellRulesApart) {
    EXPECT_EQ(rules_named("").size(), entry_rule_count());
    for (u32 number = 1; number <= entry_rule_count(); ++number)
        EXPECT_EQ(visor_entry_rule_text(number), entry_rule(number)->text);
}

TEST(EntryCheck, NumbersWithoutARuleHaveTextsToo) {
    EXPECT_STREQ(visor_entry_rule_text(rmv::no_broken_rule), "none found");
    EXPECT_STREQ(visor_entry_rule_text(entry_rule_count() + 1), "unknown rule");
    EXPECT_STREQ(visor_entry_rule_text(~0u), "unknown rule");
}

TEST(EntryCheck, OfSeveralBrokenRulesTheFirstIsNamed) {
    Machine machine;
    linux_guest(machine);
    machine.set(Field::guest_rflags, 0);
    machine.set(Field::host_cs_selector, 0);
    EXPECT_STREQ(visor_entry_rule_text(first_broken(machine)), "host CS selector is not 0");
}

}  // namespace

// What a failed case prints.
void PrintTo(const Case& one, std::ostream* out) { *out << one.rule; }

}  // namespace test
