// SPDX-License-Identifier: GPL-2.0-only
// One exit of the guest, from count to next entry or stop.
#include "exit/event.hpp"
#include "exit/trace.hpp"
#include "rm_guest/commands.hpp"
#include "rm_guest/exits.hpp"
#include "rm_guest/instruction.hpp"
#include "rm_guest/kick.hpp"
#include "rm_guest/rm_guest.hpp"
#include "rm_guest/stop.hpp"

namespace rmv {

namespace {

Next stop_and_wait(Cpu& cpu, rmv_gprs& gprs, const visor_stop& stop) noexcept {
    stop_guest(cpu, gprs, stop);
    return serve_commands(cpu, gprs);
}

// Whether the instruction at RIP, or the event that was under way, is still to come.
bool restarts(Action action, const visor_stop& stop) noexcept {
    if (action == Action::stop)
        return stop.reason == VISOR_STOP_MEMORY || stop.reason == VISOR_STOP_KICK;
    return action == Action::resume;
}

// After the trace, so that the record names the instruction that exited.
void finish_exit(Vmcs& vmcs, Action action, const visor_stop& stop) noexcept {
    if (restarts(action, stop))
        reinject_vectored_event(vmcs);
    // RIP after the HLT, as KVM has it.
    if (action == Action::stop && stop.reason == VISOR_STOP_HLT)
        finish_instruction(vmcs);
}

Next stop_for_failed_entry(ExitContext& exit, u64 start, u32 raw_reason) noexcept {
    const visor_stop stop = failed_entry_stop(exit.vmcs, raw_reason);
    trace_exit(exit, start, raw_reason, Action::stop);
    return stop_and_wait(exit.cpu, exit.gprs, stop);
}

}  // namespace

Next handle_rm_exit(ExitContext& exit, u32 raw_reason) noexcept {
    const u64 start = trace_is_on(exit.cpu) ? insn::rdtsc() : 0;
    count_reason(exit.cpu.shared.guest_exits, raw_reason);
    if (is_entry_failure(raw_reason))
        return stop_for_failed_entry(exit, start, raw_reason);
    exit.cpu.vmcs_launched = 1;

    visor_stop stop{};
    const Action action = dispatch_rm_exit(exit, raw_reason, stop);
    if (action == Action::skip)
        finish_instruction(exit.vmcs);
    trace_exit(exit, start, raw_reason, action);
    finish_exit(exit.vmcs, action, stop);
    if (!exit.vmcs.status().ok()) {
        stop = vmx_error_stop();
        stop.exit_reason = raw_reason;
        return stop_and_wait(exit.cpu, exit.gprs, stop);
    }

    switch (action) {
    case Action::resume:
    case Action::skip:
    case Action::inject: return Next::enter;
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
    return take_kick(cpu) ? stop_and_wait(cpu, gprs, kick_stop()) : Next::enter;
}

}  // namespace rmv
