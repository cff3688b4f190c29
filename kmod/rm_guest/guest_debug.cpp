// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/guest_debug.hpp"

#include "exit/event.hpp"
#include "rm_guest/control_registers.hpp"
#include "rm_guest/debug_registers.hpp"
#include "vmx/globals.hpp"

namespace rmv {

namespace {

constexpr u32 known_flags = VISOR_DEBUG_STEP | VISOR_DEBUG_CODE_BREAKPOINTS | VISOR_DEBUG_REGISTERS;

// DR6 (SDM: Debug Status Register).
constexpr u64 dr6_fixed = 0xffff0ff0, dr6_step = bit(14);
// DR7: bit 10 is always 1; GD would make the guest's MOV DR a #DB.
constexpr u64 dr7_fixed = bit(10), dr7_general_detect = bit(13);
constexpr u64 pending_single_step = bit(14);

constexpr u32 trap_flag_control = static_cast<u32>(Primary::monitor_trap_flag);

bool has_monitor_trap_flag() noexcept {
    return (high32(globals.facts.primary_controls) & trap_flag_control) != 0;
}

void set_primary(Vmcs& vmcs, u32 control, bool on) noexcept {
    const u32 old = vmcs.read<Field::primary_processor_controls>();
    const u32 now = on ? old | control : old & ~control;
    if (now != old) vmcs.write<Field::primary_processor_controls>(now);
}

constexpr u32 exception_bit(Vector vector) noexcept { return 1u << static_cast<u32>(vector); }

u32 exceptions_for(u32 flags) noexcept {
    u32 exceptions = 0;
    if ((flags & (VISOR_DEBUG_STEP | VISOR_DEBUG_REGISTERS)) != 0)
        exceptions |= exception_bit(Vector::debug);
    if ((flags & VISOR_DEBUG_CODE_BREAKPOINTS) != 0)
        exceptions |= exception_bit(Vector::breakpoint);
    return exceptions;
}

visor_stop debug_stop(Vmcs& vmcs, Vector vector, u64 dr6) noexcept {
    visor_stop stop{};
    stop.reason = VISOR_STOP_DEBUG;
    stop.debug_exception = static_cast<u32>(vector);
    stop.debug_pc = vmcs.read<Field::guest_cs_base>() + vmcs.read<Field::guest_rip>();
    if (vector == Vector::debug) {
        stop.debug_dr6 = dr6 | dr6_fixed;
        stop.debug_dr7 = vmcs.read<Field::guest_dr7>();
    }
    return stop;
}

void write_addresses(const u64 (&db)[4]) noexcept {
    insn::write_dr0(db[0]);
    insn::write_dr1(db[1]);
    insn::write_dr2(db[2]);
    insn::write_dr3(db[3]);
}

}  // namespace

Status get_guest_debug(const Cpu& cpu, visor_guest_debug& state) noexcept {
    const GuestDebug& debug = cpu.rm.debug;
    state = {.flags = debug.flags,
             .reserved = 0,
             .db = {debug.owners[0], debug.owners[1], debug.owners[2], debug.owners[3]},
             .dr7 = debug.owners_dr7};
    return success;
}

Status set_guest_debug(Cpu& cpu, const visor_guest_debug& given) noexcept {
    const visor_guest_debug wanted = given;  // Linux may write the mailbox
    if ((wanted.flags & ~known_flags) != 0 || high32(wanted.dr7) != 0)
        return {VISOR_BAD_ARGUMENT, wanted.flags};
    GuestDebug& debug = cpu.rm.debug;
    Vmcs vmcs;
    const u32 exceptions = vmcs.read<Field::exception_bitmap>() & ~exceptions_for(known_flags);
    vmcs.write<Field::exception_bitmap>(exceptions | exceptions_for(wanted.flags));
    set_primary(vmcs, static_cast<u32>(Primary::mov_dr_exiting),
                (wanted.flags & VISOR_DEBUG_REGISTERS) != 0);
    debug.flags = wanted.flags;
    for (u32 i = 0; i < 4; ++i) debug.owners[i] = wanted.db[i];
    debug.owners_dr7 = (wanted.dr7 & ~dr7_general_detect) | dr7_fixed;
    return vmcs.status();
}

void take_debug_registers(GuestDebug& debug, Vmcs& vmcs) noexcept {
    const u64 guests[4] = {insn::read_dr0(), insn::read_dr1(), insn::read_dr2(), insn::read_dr3()};
    for (u32 i = 0; i < 4; ++i) debug.guests[i] = guests[i];
    debug.guests_dr7 = vmcs.read<Field::guest_dr7>();
    write_addresses(debug.owners);
    vmcs.write<Field::guest_dr7>(u64{debug.owners_dr7});
    debug.registers_in = true;
}

void give_debug_registers_back(GuestDebug& debug, Vmcs& vmcs) noexcept {
    write_addresses(debug.guests);
    vmcs.write<Field::guest_dr7>(u64{debug.guests_dr7});
    debug.registers_in = false;
}

// In a shadow a pending single step has to say what TF says (SDM: Checks on Guest Non-Register
// State).
void set_step(GuestDebug& debug, Vmcs& vmcs) noexcept {
    const bool step = is_step(debug);
    if (has_monitor_trap_flag()) {
        debug.monitor_trap_on = step;
        return set_primary(vmcs, trap_flag_control, step);
    }
    const u64 rflags = vmcs.read<Field::guest_rflags>();
    if (has(rflags, Rflags::tf)) return;
    debug.trap_flag_is_ours = true;
    vmcs.write<Field::guest_rflags>(rflags | mask(Rflags::tf));
    const u64 shadows =
        mask(Interruptibility::blocking_by_sti, Interruptibility::blocking_by_mov_ss);
    if ((vmcs.read<Field::guest_interruptibility>() & shadows) != 0)
        vmcs.write<Field::guest_pending_debug>(vmcs.read<Field::guest_pending_debug>() |
                                               pending_single_step);
}

void take_trap_flag_back(GuestDebug& debug, Vmcs& vmcs) noexcept {
    debug.trap_flag_is_ours = false;
    vmcs.write<Field::guest_rflags>(vmcs.read<Field::guest_rflags>() & ~mask(Rflags::tf));
    vmcs.write<Field::guest_pending_debug>(vmcs.read<Field::guest_pending_debug>() &
                                           ~pending_single_step);
}

visor_stop step_stop(Vmcs& vmcs) noexcept { return debug_stop(vmcs, Vector::debug, dr6_step); }

// The exit qualification has what DR6 would have got (SDM: Exit Qualification for Debug
// Exceptions).
Action handle_debug_exception(ExitContext& exit, Vector vector, visor_stop& stop) noexcept {
    const u64 dr6 = exit.vmcs.read<Field::exit_qualification>();
    stop = debug_stop(exit.vmcs, vector, vector == Vector::debug ? dr6 : 0);
    return Action::stop;
}

Action handle_monitor_trap(ExitContext& exit, visor_stop& stop) noexcept {
    if (!is_step(exit.cpu.rm.debug)) return Action::unhandled;
    stop = step_stop(exit.vmcs);
    return Action::stop;
}

// The guest's own registers, while the owner's are in the CPU. CR4.DE = 1 takes DR4 and DR5 away.
Action handle_mov_dr(ExitContext& exit) noexcept {
    GuestDebug& debug = exit.cpu.rm.debug;
    const DrAccess access = decode_dr_access(exit.vmcs.read<Field::exit_qualification>());
    u32 number = access.debug_register;
    if (privilege_level(exit.vmcs) != 0) return general_protection(exit.vmcs);
    if (number == 4 || number == 5) {
        if (has(read_guest_cr4(exit.vmcs), Cr4::de)) return undefined_instruction(exit.vmcs);
        number += 2;
    }
    const bool wide = is_64bit_code(exit.vmcs);
    if (access.from_dr) {
        const u64 value = number < 4    ? debug.guests[number]
                          : number == 6 ? insn::read_dr6()
                                        : debug.guests_dr7;
        exit.write_register(access.general_register, wide ? value : low32(value));
        return Action::skip;
    }
    const u64 given = exit.read_register(access.general_register);
    const u64 value = wide ? given : low32(given);
    if (number >= 4 && high32(value) != 0) return general_protection(exit.vmcs);
    if (number < 4)
        debug.guests[number] = value;
    else if (number == 6)
        insn::write_dr6(value);
    else
        debug.guests_dr7 = value | dr7_fixed;
    return Action::skip;
}

}  // namespace rmv
