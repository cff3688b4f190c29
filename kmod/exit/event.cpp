// SPDX-License-Identifier: GPL-2.0-only
#include "exit/event.hpp"

#include "vmx/controls.hpp"

namespace rmv {

namespace {

constexpr u64 debugctl_btf = bit(1);
constexpr u64 pending_single_step = bit(14);

// The instruction did not execute, so the trap that TF asks for after it has to be asked for here
// (SDM: Guest Non-Register State, pending debug exceptions). With BTF only branches trap.
void trap_if_single_stepped(Vmcs& vmcs) noexcept {
    if (!has(vmcs.read<Field::guest_rflags>(), Rflags::tf) ||
        (vmcs.read<Field::guest_debugctl>() & debugctl_btf) != 0)
        return;
    vmcs.write<Field::guest_pending_debug>(vmcs.read<Field::guest_pending_debug>() |
                                           pending_single_step);
}

constexpr u32 event(InterruptionType type, Vector vector) noexcept {
    return make_interruption(type, static_cast<u8>(vector));
}

}  // namespace

void inject_exception(Vmcs& vmcs, Vector vector) noexcept {
    vmcs.write<Field::entry_interruption_info>(event(InterruptionType::hardware_exception, vector));
}

void inject_exception_with_code(Vmcs& vmcs, Vector vector, u32 error_code,
                                bool real_mode) noexcept {
    if (real_mode) return inject_exception(vmcs, vector);
    vmcs.write<Field::entry_interruption_info>(event(InterruptionType::hardware_exception, vector) |
                                               interruption_error_code);
    vmcs.write<Field::entry_exception_error_code>(error_code);
}

void inject_nmi(Vmcs& vmcs) noexcept {
    vmcs.write<Field::entry_interruption_info>(event(InterruptionType::nmi, Vector::nmi));
}

void inject_interrupt(Vmcs& vmcs, u8 vector) noexcept {
    vmcs.write<Field::entry_interruption_info>(
        make_interruption(InterruptionType::external_interrupt, vector));
}

Action undefined_instruction(Vmcs& vmcs) noexcept {
    inject_exception(vmcs, Vector::invalid_opcode);
    return Action::inject;
}

Action general_protection(Vmcs& vmcs) noexcept {
    const bool real_mode = !has(vmcs.read<Field::guest_cr0>(), Cr0::pe);
    inject_exception_with_code(vmcs, Vector::general_protection, 0, real_mode);
    return Action::inject;
}

bool debug_trap_is_next(Vmcs& vmcs) noexcept {
    return vmcs.read<Field::guest_pending_debug>() != 0 &&
           !has(vmcs.read<Field::guest_interruptibility>(), Interruptibility::blocking_by_mov_ss);
}

void reinject_vectored_event(Vmcs& vmcs) noexcept {
    const u32 info = vmcs.read<Field::idt_vectoring_info>();
    const auto decoded = decode_interruption(info);
    if (!decoded) return;
    // Bit 12 is "undefined" here but reserved in the entry field.
    constexpr u32 defined = interruption_valid | interruption_error_code | interruption_type_mask |
                            interruption_vector_mask;
    vmcs.write<Field::entry_interruption_info>(info & defined);
    if (decoded->has_error_code)
        vmcs.write<Field::entry_exception_error_code>(vmcs.read<Field::idt_vectoring_error_code>());
    if (is_software_event(decoded->type))
        vmcs.write<Field::entry_instruction_length>(vmcs.read<Field::exit_instruction_length>());
    // An NMI whose delivery was interrupted has set blocking already; an injected one needs it
    // clear.
    if (decoded->type == InterruptionType::nmi) {
        const u32 state = vmcs.read<Field::guest_interruptibility>();
        vmcs.write<Field::guest_interruptibility>(
            state & ~static_cast<u32>(Interruptibility::blocking_by_nmi));
    }
}

void end_of_instruction(Vmcs& vmcs) noexcept {
    const u32 state = vmcs.read<Field::guest_interruptibility>();
    if ((state & instruction_shadow) != 0)
        vmcs.write<Field::guest_interruptibility>(state & ~instruction_shadow);
    trap_if_single_stepped(vmcs);
}

void skip_instruction(Vmcs& vmcs) noexcept {
    vmcs.write<Field::guest_rip>(vmcs.read<Field::guest_rip>() +
                                 vmcs.read<Field::exit_instruction_length>());
    end_of_instruction(vmcs);
}

}  // namespace rmv
