// SPDX-License-Identifier: GPL-2.0-only
// One exit of the guest, from count to next entry or stop.
#include "exit/event.hpp"
#include "exit/record.hpp"
#include "rm_guest/apic/arrivals.hpp"
#include "rm_guest/commands.hpp"
#include "rm_guest/entry_trial.hpp"
#include "rm_guest/events.hpp"
#include "rm_guest/exits.hpp"
#include "rm_guest/guest_debug.hpp"
#include "rm_guest/init_signal.hpp"
#include "rm_guest/kick.hpp"
#include "rm_guest/prepare_entry.hpp"
#include "rm_guest/rm_guest.hpp"
#include "rm_guest/rsm_guard.hpp"
#include "rm_guest/stop.hpp"

namespace rmv {

namespace {

Next stop_and_wait(Cpu& cpu, rmv_gprs& gprs, const visor_stop& stop) noexcept {
    stop_guest(cpu, gprs, stop);
    return serve_commands(cpu, gprs);
}

// Whether the instruction at RIP, or the event that was under way, is still to come.
bool restarts(Action action, const visor_stop& stop) noexcept {
    switch (action) {
        case Action::skip:
        case Action::inject: return false;
        case Action::stop:
            return stop.reason != VISOR_STOP_IO && stop.reason != VISOR_STOP_HLT &&
                   stop.reason != VISOR_STOP_SHUTDOWN;
        case Action::resume:
        case Action::leave:
        case Action::park:
        case Action::unhandled: return true;
    }
    return true;
}

// After the trace, so that the record names the instruction that exited.
void finish_exit(Vmcs& vmcs, Action action, u32 raw_reason, const visor_stop& stop) noexcept {
    if (restarts(action, stop)) restart_events(vmcs, raw_reason);
    // RIP after the HLT, as KVM has it.
    if (action == Action::stop && stop.reason == VISOR_STOP_HLT) skip_instruction(vmcs);
}

Next stop_for_vmx_error(Cpu& cpu, rmv_gprs& gprs, u32 raw_reason) noexcept {
    visor_stop stop = vmx_error_stop();
    stop.exit_reason = raw_reason;
    return stop_and_wait(cpu, gprs, stop);
}

Next enter_again(ExitContext& exit, u32 raw_reason) noexcept {
    if (exit.cpu.rm.apic.is_on()) {
        visor_stop stop{};
        if (!apic::wait_until_runnable(exit, stop)) return stop_and_wait(exit.cpu, exit.gprs, stop);
    }
    prepare_entry(exit.cpu, exit.vmcs);
    return exit.vmcs.status().ok() ? Next::enter
                                   : stop_for_vmx_error(exit.cpu, exit.gprs, raw_reason);
}

Action answer_exit(ExitContext& exit, u32 raw_reason, visor_stop& stop) noexcept {
    if (repair_mode(exit.cpu, exit.vmcs, exit.start) && is_rsm_damage(raw_reason, exit.vmcs))
        return Action::resume;
    return dispatch_rm_exit(exit, raw_reason, stop);
}

Next stop_for_failed_entry(ExitContext& exit, u32 raw_reason) noexcept {
    const visor_stop stop = failed_entry_stop(exit.vmcs, raw_reason);
    record_exit(exit, raw_reason, Action::stop);
    return stop_and_wait(exit.cpu, exit.gprs, stop);
}

// With a VMCS that was changed for this entry, no exit means what it says.
Next stop_for_trial(ExitContext& exit, u32 raw_reason) noexcept {
    visor_stop stop{};
    stop.reason = VISOR_STOP_UNHANDLED;
    describe_exit(exit.vmcs, raw_reason, stop);
    return stop_and_wait(exit.cpu, exit.gprs, stop);
}

}  // namespace

Next handle_rm_exit(ExitContext& exit, u32 raw_reason) noexcept {
    count(entry_of(exit.cpu.stats.guest_exits, raw_reason).count);
    if (is_entry_failure(raw_reason)) return stop_for_failed_entry(exit, raw_reason);
    exit.cpu.vmcs_launched = 1;
    if (is_trial(exit.cpu)) return stop_for_trial(exit, raw_reason);
    hide_step(exit.cpu.rm.debug, exit.vmcs);
    if (raw_reason != static_cast<u32>(ExitReason::init_signal)) forget_init_signals(exit.cpu.rm);

    visor_stop stop{};
    const Action action = answer_exit(exit, raw_reason, stop);
    if (action == Action::skip) skip_instruction(exit.vmcs);
    record_exit(exit, raw_reason, action);
    finish_exit(exit.vmcs, action, raw_reason, stop);
    if (!exit.vmcs.status().ok()) return stop_for_vmx_error(exit.cpu, exit.gprs, raw_reason);

    if (action == Action::skip && is_step(exit.cpu.rm.debug))
        return stop_and_wait(exit.cpu, exit.gprs, step_stop(exit.vmcs));
    switch (action) {
        case Action::resume:
        case Action::skip:
        case Action::inject: return enter_again(exit, raw_reason);
        case Action::stop: break;
        case Action::leave:
        case Action::park:
        case Action::unhandled: stop.reason = VISOR_STOP_UNHANDLED; break;
    }
    describe_exit(exit.vmcs, raw_reason, stop);
    return stop_and_wait(exit.cpu, exit.gprs, stop);
}

Next handle_rm_entry_failure(rmv_gprs& gprs, Cpu& cpu) noexcept {
    const visor_stop stop = entry_vmfail_stop();
    trace_event(cpu, RMVISOR_TRACE_ENTRY_FAILED, insn::rdtsc(), stop.instruction_error);
    return stop_and_wait(cpu, gprs, stop);
}

Next handle_rm_nmi_pending(rmv_gprs& gprs, Cpu& cpu) noexcept {
    visor_unblock_nmis();
    if (take_kick(cpu)) return stop_and_wait(cpu, gprs, kick_stop());
    ExitContext exit{cpu, gprs};
    return enter_again(exit, 0);
}

}  // namespace rmv
