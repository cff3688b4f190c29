// SPDX-License-Identifier: GPL-2.0-only
#include "states.hpp"

#include <cstring>

#include "fake/vmx.hpp"
#include "vmx/entry_check/entry_check.hpp"

namespace entry_rules {
namespace {

using rmv::Field;
using test::Machine;

Fields fields_now() { return fake::vmx().regions.at(*fake::vmx().current).fields; }

bool is_same(const visor_cpu_facts& one, const visor_cpu_facts& other) {
    return std::memcmp(&one, &other, sizeof(one)) == 0;
}

// What root needs after the exit, and addresses that mean something: a case changes them, its base
// does not.
bool stays_real(u32 encoding) {
    const auto field = static_cast<Field>(encoding);
    return rmv::type_of(field) == rmv::FieldType::host_state || field == Field::msr_bitmap ||
           field == Field::ept_pointer || field == Field::vpid;
}

Fields changes(const Fields& base, const Fields& state) {
    Fields found;
    for (const auto& [field, value] : state) {
        const auto before = base.find(field);
        if (!stays_real(field) || before == base.end() || before->second != value)
            found.emplace(field, value);
    }
    return found;
}

// The guest leaves before its first instruction.
void with_timer(Machine& machine) {
    machine.add(rmv::Pin::preemption_timer);
    machine.set(Field::preemption_timer_value, 0);
}

bool breaks_one_rule(const Machine& machine, u32 rule) {
    rmv::Vmcs vmcs;
    return rmv::find_broken_rule(machine.facts, vmcs) == rule;
}

// Memory of the machine that the CPU would use, host state that it would load, and an activity
// state that the timer does not end.
bool touches_machine(const Fields& changed) {
    constexpr Field addresses[] = {Field::virtual_apic_address, Field::apic_access_address,
                                   Field::ept_pointer, Field::vmcs_link_pointer};
    constexpr Field counts[] = {Field::exit_msr_store_count, Field::exit_msr_load_count,
                                Field::entry_msr_load_count};
    constexpr u64 no_address = ~u64{0};
    for (const auto& [encoding, value] : changed) {
        const auto field = static_cast<Field>(encoding);
        if (rmv::type_of(field) == rmv::FieldType::host_state) return true;
        for (const Field one : addresses)
            if (field == one && value != no_address) return true;
        for (const Field one : counts)
            if (field == one && value != 0) return true;
        if (field == Field::guest_activity && value > 1) return true;
    }
    return false;
}

States make(const test::Case& one, bool timer) {
    Machine machine;
    const visor_cpu_facts cpu = machine.facts;
    one.base(machine);
    const Fields base = fields_now();
    if (timer) with_timer(machine);
    one.prepare(machine);
    const Fields prepared = fields_now();
    const bool is_valid = breaks_one_rule(machine, rmv::no_broken_rule);
    const bool has_timer = (machine.get(Field::pin_based_controls) &
                            static_cast<u64>(rmv::Pin::preemption_timer)) != 0;
    one.breaks(machine);
    const bool breaks = breaks_one_rule(machine, rule_named(one.rule));
    States states{.prepared = changes(base, prepared),
                  .broken = changes(base, fields_now()),
                  .changes_cpu = !is_same(cpu, machine.facts),
                  .may_run = false};
    states.may_run = has_timer && is_valid && breaks && !touches_machine(states.prepared);
    if (timer && !(is_valid && breaks)) return make(one, false);
    return states;
}

}  // namespace

States states_of(const test::Case& one) { return make(one, true); }

test::Cases all_cases() {
    test::Cases all;
    for (const test::Cases& some :
         {test::execution_control_cases(), test::exit_and_entry_control_cases(), test::host_cases(),
          test::guest_register_cases(), test::guest_segment_cases(),
          test::guest_non_register_cases()})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

u32 rule_named(const std::string& part) {
    u32 found = 0;
    for (u32 number = 1; number <= rmv::entry_rule_count(); ++number) {
        if (std::string{rmv::entry_rule(number)->text}.find(part) == std::string::npos) continue;
        if (found != 0) return 0;
        found = number;
    }
    return found;
}

}  // namespace entry_rules
