// SPDX-License-Identifier: GPL-2.0-only
// SDM volume 3, "VM-Exit Control Fields" and "VM-Entry Control Fields" of the checks on VMX
// controls.
#include "vmx/entry_check/event.hpp"
#include "vmx/entry_check/rule.hpp"

namespace rmv {
namespace {

constexpr u64 msr_entry_bytes = 16;

bool exit_controls_allowed(const EntryState& state) noexcept {
    return allows_controls(state.cpu().exit_controls, state.read(Field::exit_controls));
}

bool save_timer_needs_timer(const EntryState& state) noexcept {
    return state.is_set(Pin::preemption_timer) || !state.is_set(ExitControl::save_preemption_timer);
}

// An MSR area with entries lies on a 16-byte boundary, and its last byte within the width.
[[nodiscard]] bool is_msr_area(const EntryState& state, Field address_field,
                               Field count_field) noexcept {
    const u64 count = state.read(count_field);
    if (count == 0) return true;
    const u64 first = state.read(address_field);
    const u64 last = first + count * msr_entry_bytes - 1;
    return first % msr_entry_bytes == 0 && first <= last && state.is_vmx_address(first) &&
           state.is_vmx_address(last);
}

bool exit_msr_store_area(const EntryState& state) noexcept {
    return is_msr_area(state, Field::exit_msr_store_address, Field::exit_msr_store_count);
}

bool exit_msr_load_area(const EntryState& state) noexcept {
    return is_msr_area(state, Field::exit_msr_load_address, Field::exit_msr_load_count);
}

bool entry_controls_allowed(const EntryState& state) noexcept {
    return allows_controls(state.cpu().entry_controls, state.read(Field::entry_controls));
}

// Type 7 is a pending MTF VM exit, where the CPU has the monitor trap flag.
bool event_type_defined(const EntryState& state) noexcept {
    const InjectedEvent event = injected_event(state);
    const bool has_monitor_trap_flag =
        has(high32(state.cpu().primary_controls), Primary::monitor_trap_flag);
    return !event.is(InterruptionType::reserved) &&
           (!event.is(InterruptionType::other_event) || has_monitor_trap_flag);
}

bool event_vector_fits_type(const EntryState& state) noexcept {
    const InjectedEvent event = injected_event(state);
    return !(event.is(InterruptionType::nmi) && !event.is(Vector::nmi)) &&
           !(event.is(InterruptionType::hardware_exception) && event.vector > last_exception) &&
           !(event.is(InterruptionType::other_event) && event.vector != 0);
}

[[nodiscard]] bool any_error_code(const EntryState& state) noexcept {
    constexpr u64 basic_any_error_code = bit(56);
    return (state.cpu().vmx_basic & basic_any_error_code) != 0;
}

bool error_code_where_exception_has_one(const EntryState& state) noexcept {
    const InjectedEvent event = injected_event(state);
    const bool must_have = event.is(InterruptionType::hardware_exception) &&
                           state.guest_has(Cr0::pe) && !any_error_code(state) &&
                           pushes_error_code(event.vector);
    return !must_have || event.has_error_code;
}

bool no_error_code_where_exception_has_none(const EntryState& state) noexcept {
    const InjectedEvent event = injected_event(state);
    if (!event.is_valid || !event.has_error_code) return true;
    return event.type == InterruptionType::hardware_exception && state.guest_has(Cr0::pe) &&
           (any_error_code(state) || event.vector > last_exception ||
            pushes_error_code(event.vector));
}

bool event_reserved_bits(const EntryState& state) noexcept {
    return !injected_event(state).is_valid ||
           bits(state.read(Field::entry_interruption_info), 30, 12) == 0;
}

bool error_code_reserved_bits(const EntryState& state) noexcept {
    const InjectedEvent event = injected_event(state);
    return !event.is_valid || !event.has_error_code ||
           bits(state.read(Field::entry_exception_error_code), 31, 16) == 0;
}

bool instruction_length_of_software_event(const EntryState& state) noexcept {
    constexpr u64 misc_length_0 = bit(30);
    constexpr u64 longest_instruction = 15;
    const InjectedEvent event = injected_event(state);
    if (!event.is(InterruptionType::software_interrupt) &&
        !event.is(InterruptionType::software_exception) &&
        !event.is(InterruptionType::privileged_software_exception))
        return true;
    const u64 length = state.read(Field::entry_instruction_length);
    const u64 shortest = (state.cpu().vmx_misc & misc_length_0) != 0 ? 0 : 1;
    return length >= shortest && length <= longest_instruction;
}

bool entry_msr_load_area(const EntryState& state) noexcept {
    return is_msr_area(state, Field::entry_msr_load_address, Field::entry_msr_load_count);
}

// The visor never runs in SMM.
bool no_entry_to_smm(const EntryState& state) noexcept {
    return !state.is_set(EntryControl::entry_to_smm);
}

bool no_dual_monitor_deactivation(const EntryState& state) noexcept {
    return !state.is_set(EntryControl::deactivate_dual_monitor);
}

constexpr EntryRule rules[] = {
    {"VM-exit controls: the CPU allows each bit's value (IA32_VMX_TRUE_EXIT_CTLS)",
     exit_controls_allowed},
    {"save VMX-preemption timer value needs activate VMX-preemption timer", save_timer_needs_timer},
    {"VM-exit MSR-store area: aligned to 16 bytes and within the physical-address width",
     exit_msr_store_area},
    {"VM-exit MSR-load area: aligned to 16 bytes and within the physical-address width",
     exit_msr_load_area},
    {"VM-entry controls: the CPU allows each bit's value (IA32_VMX_TRUE_ENTRY_CTLS)",
     entry_controls_allowed},
    {"injected event: the type is not a reserved one", event_type_defined},
    {"injected event: the vector fits the type (NMI 2, exception up to 31, other event 0)",
     event_vector_fits_type},
    {"injected event: an error code is delivered where the exception has one",
     error_code_where_exception_has_one},
    {"injected event: no error code is delivered where the event has none or CR0.PE is 0",
     no_error_code_where_exception_has_none},
    {"injected event: bits 30:12 of the information field are 0", event_reserved_bits},
    {"injected event: bits 31:16 of the error code are 0", error_code_reserved_bits},
    {"injected software event: the instruction length is 1 to 15 (0 where the CPU allows it)",
     instruction_length_of_software_event},
    {"VM-entry MSR-load area: aligned to 16 bytes and within the physical-address width",
     entry_msr_load_area},
    {"entry to SMM is 0 outside SMM", no_entry_to_smm},
    {"deactivate dual-monitor treatment is 0 outside SMM", no_dual_monitor_deactivation},
};

}  // namespace

constinit const std::span<const EntryRule> exit_and_entry_control_rules{rules};

u32 broken_exit_and_entry_control_rule(const EntryState& state) noexcept {
    return first_broken<rules>(state);
}

}  // namespace rmv
