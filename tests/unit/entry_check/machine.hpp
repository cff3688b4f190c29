// SPDX-License-Identifier: GPL-2.0-only
// A current VMCS and the CPU it is for, and the cases of the VM-entry rules.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "abi.h"
#include "vmx/controls.hpp"
#include "vmx/field.hpp"

namespace test {

using rmv::Field;
using rmv::u32;
using rmv::u64;

// Address bits, as Bochs's CPUs have them: the lab runs the cases there (tests/lab/entry_rules).
inline constexpr u32 physical_bits = 40;
inline constexpr u64 too_wide = rmv::bit(physical_bits);

class Machine {
public:
    // A CPU with what the rules ask about; VMX on, a VMCS current.
    Machine();

    [[nodiscard]] u64 get(Field field) const;
    void set(Field field, u64 value);
    template <typename Bit>
    void add(Field field, Bit one) {
        set(field, get(field) | static_cast<u64>(one));
    }
    template <typename Bit>
    void remove(Field field, Bit one) {
        set(field, get(field) & ~static_cast<u64>(one));
    }

    // Shorthands for the control words.
    void add(rmv::Pin one) { add(Field::pin_based_controls, one); }
    void add(rmv::Primary one) { add(Field::primary_processor_controls, one); }
    void add(rmv::Secondary one) { add(Field::secondary_processor_controls, one); }
    void add(rmv::ExitControl one) { add(Field::exit_controls, one); }
    void add(rmv::EntryControl one) { add(Field::entry_controls, one); }
    void remove(rmv::Pin one) { remove(Field::pin_based_controls, one); }
    void remove(rmv::Primary one) { remove(Field::primary_processor_controls, one); }
    void remove(rmv::Secondary one) { remove(Field::secondary_processor_controls, one); }
    void remove(rmv::ExitControl one) { remove(Field::exit_controls, one); }
    void remove(rmv::EntryControl one) { remove(Field::entry_controls, one); }

    visor_cpu_facts facts{};
};

// Valid states to start from.
void linux_guest(Machine& machine);      // 64-bit Linux at CPL 0, no unrestricted guest
void real_mode_guest(Machine& machine);  // unrestricted guest after RESET
void v8086_guest(Machine& machine);      // protected mode with paging, RFLAGS.VM

using Change = std::function<void(Machine&)>;

// `prepare` makes another valid state of the base, `breaks` breaks just that rule.
struct Case {
    std::string rule;  // part of its text that no other rule has
    Change base;
    Change prepare;
    Change breaks;
};

inline void nothing(Machine&) {}

// Sets one field: the usual change.
[[nodiscard]] inline Change put(Field field, u64 value) {
    return [=](Machine& machine) { machine.set(field, value); };
}

using Cases = std::vector<Case>;

[[nodiscard]] Cases execution_control_cases();
[[nodiscard]] Cases exit_and_entry_control_cases();
[[nodiscard]] Cases host_cases();
[[nodiscard]] Cases guest_register_cases();
[[nodiscard]] Cases guest_segment_cases();
[[nodiscard]] Cases guest_non_register_cases();

}  // namespace test
