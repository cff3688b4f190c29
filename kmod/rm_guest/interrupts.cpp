// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/interrupts.hpp"

#include "exit/event.hpp"
#include "rm_guest/events.hpp"
#include "rm_guest/guest_debug.hpp"
#include "rm_guest/kick.hpp"
#include "vmx/local_apic.hpp"

namespace rmv {

namespace {

// Takes part as Linux does on a CPU that it has offlined: by clearing its own MCG_STATUS (SDM:
// Machine-Check Global Control MSRs). Without a valid restart address the guest can't go on.
Action handle_machine_check(Cpu& cpu) noexcept {
    constexpr u64 restart_ip_valid = bit(0);
    count(cpu.shared.machine_checks);
    const u64 status = insn::rdmsr(Msr::mcg_status);
    insn::wrmsr(Msr::mcg_status, 0);
    return (status & restart_ip_valid) != 0 ? Action::resume : Action::unhandled;
}

// The exit's time is known where exits are measured.
void measure_kick(const ExitContext& exit) noexcept {
    visor_public& shared = exit.cpu.shared;
    const u64 kicked = load_relaxed(shared.kick_time);
    if (kicked != 0) shared.kick_ticks = (exit.start != 0 ? exit.start : insn::rdtsc()) - kicked;
}

Action handle_nmi(ExitContext& exit, visor_stop& stop) noexcept {
    // The exit leaves NMIs blocked, and no IRET of a guest will unblock them.
    visor_unblock_nmis();
    correct_nmi_blocking(exit.cpu.rm.events, exit.vmcs);
    if (!take_kick(exit.cpu)) return Action::resume;
    measure_kick(exit);
    stop.reason = VISOR_STOP_KICK;
    return Action::stop;
}

}  // namespace

// Acknowledged by the exit. Linux has no device here: it was sent by mistake, and would block
// others of its priority if it were not ended.
Action handle_external_interrupt() noexcept {
    end_of_interrupt();
    return Action::resume;
}

Action handle_exception_or_nmi(ExitContext& exit, visor_stop& stop) noexcept {
    const auto event = decode_interruption(exit.vmcs.read<Field::exit_interruption_info>());
    if (!event) return Action::unhandled;
    if (event->type == InterruptionType::nmi) return handle_nmi(exit, stop);
    if (event->vector == static_cast<u8>(Vector::machine_check))
        return handle_machine_check(exit.cpu);
    // They exit only for an owner that debugs.
    if (event->vector == static_cast<u8>(Vector::debug))
        return handle_debug_exception(exit, Vector::debug, stop);
    if (event->vector == static_cast<u8>(Vector::breakpoint))
        return handle_debug_exception(exit, Vector::breakpoint, stop);
    return Action::unhandled;
}

}  // namespace rmv
