// SPDX-License-Identifier: GPL-2.0-only
// entry_rules [--count]: for each rule of VM entry, the cases of its unit tests on this CPU, by a
// guest of /dev/rmvisor; TAP, one test for each rule. All of a rule's cases have to agree with the
// CPU, or to come out as known_differences says.
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "verdict.hpp"
#include "vmx/entry_check/entry_check.hpp"

namespace entry_rules {
namespace {

constexpr unsigned seconds_for_all = 60;  // a guest that does not come back ends the program

struct RuleResult {
    unsigned agreed = 0;
    std::map<Verdict, std::vector<std::string>> others;
};

using Results = std::map<u32, RuleResult>;

Results try_all(Guest& guest) {
    Results results;
    for (const test::Case& one : all_cases()) {
        const Judgement judgement = judge(guest, one);
        RuleResult& result = results[rule_named(one.rule)];
        if (judgement.verdict == Verdict::agrees)
            ++result.agreed;
        else
            result.others[judgement.verdict].push_back(judgement.detail);
    }
    return results;
}

const Known* find_known(u32 rule, Verdict verdict) {
    for (const Known& one : known_differences)
        if (rule_named(one.rule) == rule && one.verdict == verdict) return &one;
    return nullptr;
}

// A case that can't be tried is nothing to speak of while another one of its rule can.
bool needs_row(const RuleResult& result, Verdict verdict) {
    return verdict != Verdict::untried || (result.agreed == 0 && result.others.size() == 1);
}

std::set<std::string> faults(u32 rule, const RuleResult& result) {
    std::set<std::string> found;
    if (result.agreed == 0 && result.others.empty()) found.insert("no case");
    for (const auto& [verdict, details] : result.others) {
        if (!needs_row(result, verdict) || find_known(rule, verdict) != nullptr) continue;
        for (const std::string& detail : details)
            found.insert(std::string{text_of(verdict)} + ": " + detail);
    }
    for (const Known& one : known_differences) {
        if (rule_named(one.rule) != rule) continue;
        const auto observed = result.others.find(one.verdict);
        if (observed == result.others.end() || !needs_row(result, one.verdict))
            found.insert(std::string{"no longer: "} + text_of(one.verdict));
    }
    return found;
}

bool every_row_has_a_rule() {
    bool all = true;
    for (const Known& one : known_differences) {
        if (rule_named(one.rule) != 0) continue;
        std::printf("# known difference of no rule, or of several: %s\n", one.rule);
        all = false;
    }
    return all;
}

bool report(u32 rule, const RuleResult& result) {
    const std::set<std::string> found = faults(rule, result);
    std::printf("%sok %u - %s\n", found.empty() ? "" : "not ", rule, visor_entry_rule_text(rule));
    for (const std::string& line : found) std::printf("# %s\n", line.c_str());
    return found.empty();
}

int run() {
    alarm(seconds_for_all);
    Guest guest;
    const Results results = try_all(guest);
    bool is_good = every_row_has_a_rule() && !results.contains(0);
    std::printf("1..%u\n", rmv::entry_rule_count());
    for (u32 rule = 1; rule <= rmv::entry_rule_count(); ++rule) {
        const auto found = results.find(rule);
        is_good &= report(rule, found == results.end() ? RuleResult{} : found->second);
    }
    return is_good ? 0 : 1;
}

}  // namespace
}  // namespace entry_rules

int main(int count, char** arguments) try {
    if (count == 2 && std::string_view{arguments[1]} == "--count") {
        std::printf("%u\n", rmv::entry_rule_count());
        return 0;
    }
    return entry_rules::run();
} catch (const std::exception& error) {
    std::fprintf(stderr, "entry_rules: %s\n", error.what());
    return 2;
}
