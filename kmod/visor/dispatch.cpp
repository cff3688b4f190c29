// SPDX-License-Identifier: GPL-2.0-only
// Where entry.S comes in: whose exit it is, what is counted and traced, and what an unanswered exit
// leads to. The top of the visor: everything else is below it.
#include "exit/event.hpp"
#include "exit/fault_calls.hpp"
#include "exit/linux_cpuid.hpp"
#include "exit/linux_exits.hpp"
#include "exit/linux_init.hpp"
#include "exit/record.hpp"
#include "rm_guest/rm_guest.hpp"
#include "visor/last_resort.hpp"
#include "vmx/entry_check/entry_check.hpp"
#include "vmx/fault.hpp"
#include "vmx/globals.hpp"
#include "vmx/leave.hpp"
#include "vmx/watch.hpp"

namespace rmv {

namespace {

constexpr u32 entry_failure_bit = 1u << 31;

// What .Lin_guest in entry.S returns after an entry that failed in the launch.
constexpr u64 launch_entry_failed = 2;

// A VMCS that is not current any more (VMfailInvalid) is made so again: all of Linux's state is in
// it.
void recover_vmcs(Cpu& cpu) noexcept {
    Vmcs probe;
    static_cast<void>(probe.read<Field::guest_rip>());
    if (!probe.status().ok() && insn::vmclear(cpu.linux_vmcs_phys) &&
        insn::vmptrld(cpu.linux_vmcs_phys))
        cpu.vmcs_launched = 0;
}

// Linux goes on natively at the instruction that exited; what is lost is only the visor. The access
// that failed counts no more: the way out does with a fresh look at the VMCS.
Next give_up(ExitContext& exit, visor_fault_kind kind, u32 raw_reason) noexcept {
    exit.vmcs = {};
    // What error it was is known only while the VMCS is current.
    recover_vmcs(exit.cpu);
    record_exit_fault(exit.cpu, exit.vmcs, kind, raw_reason, 0);
    reinject_vectored_event(exit.vmcs);
    return begin_leave(exit.cpu, exit.vmcs);
}

// The VMCS broke a rule of VM entry: it can't be entered again to block NMIs.
Next explain_entry_failure(ExitContext& exit, u32 raw_reason) noexcept {
    Cpu& cpu = exit.cpu;
    const u32 rule = find_broken_rule(globals.facts, exit.vmcs);
    record_exit_fault(cpu, exit.vmcs, VISOR_FAULT_ENTRY, raw_reason, rule);
    const u32 why = raw_reason != 0 ? raw_reason : exit.vmcs.read<Field::instruction_error>();
    trace_event(cpu, RMVISOR_TRACE_ENTRY_FAILED, insn::rdtsc(), why);
    if (!cpu.has_exited) exit.gprs.rax = launch_entry_failed;
    take_back_nmi(cpu, exit.vmcs);
    block_nmis_without_entry(cpu);
    return Next::leave;
}

Next take_and_park(ExitContext& exit) noexcept {
    Cpu& cpu = exit.cpu;
    cpu.taking = false;
    cpu.linux_gprs = exit.gprs;
    cpu.nmi_returns_by_iret = 1;
    cpu.mode = Mode::parked;
    visor_unblock_nmis();
    trace_event(cpu, RMVISOR_TRACE_PARK, insn::rdtsc(), 0);
    return park(cpu, exit.gprs);
}

Action decide(ExitContext& exit, u32 raw_reason) noexcept {
    const auto reason = decode_reason(raw_reason);
    if (!reason) return Action::unhandled;
    if (*reason == ExitReason::triple_fault) reset_platform(exit.cpu);
    if (*reason == ExitReason::init_signal) {
        if (!ignore_init(exit)) become_bare_cpu(exit.cpu, exit.vmcs);
        return Action::resume;
    }
    return handle_linux_exit(exit, *reason);
}

Next act(ExitContext& exit, u32 raw_reason, Action action) noexcept {
    if (!exit.vmcs.status().ok()) return give_up(exit, VISOR_FAULT_VMX, raw_reason);
    switch (action) {
        case Action::resume:
        case Action::skip:
        case Action::inject: return Next::enter;
        case Action::leave:
            exit.cpu.leave.requested = true;
            return begin_leave(exit.cpu, exit.vmcs);
        case Action::park: return take_and_park(exit);
        case Action::stop:
        case Action::unhandled: return give_up(exit, VISOR_FAULT_EXIT, raw_reason);
    }
    return give_up(exit, VISOR_FAULT_EXIT, raw_reason);
}

Next handle_linux(ExitContext& exit, u32 raw_reason) noexcept {
    Cpu& cpu = exit.cpu;
    raw_reason = injected_reason(exit, raw_reason);
    if ((raw_reason & entry_failure_bit) != 0) return explain_entry_failure(exit, raw_reason);
    cpu.vmcs_launched = 1;
    cpu.has_exited = true;
    if (cpu.leave.pending) {  // the exit that begin_leave() has arranged, or one that came instead
        if (raw_reason == static_cast<u32>(ExitReason::init_signal))
            become_bare_cpu(cpu, exit.vmcs);
        return Next::leave;
    }
    count(entry_of(cpu.stats.linux_exits, raw_reason).count);
    const Action action = decide(exit, raw_reason);
    if (action == Action::skip || action == Action::leave) skip_instruction(exit.vmcs);
    record_exit(exit, raw_reason, action);
    return act(exit, raw_reason, action);
}

Next handle_pending_of_linux(ExitContext& exit) noexcept {
    Cpu& cpu = exit.cpu;
    const u32 pending = exchange(cpu.pending, u32{0});
    if ((pending & PENDING_NMI) != 0) count(cpu.shared.nmi_in_root);
    record_window_nmis(cpu);
    if (cpu.leave.pending) {
        cpu.leave.seen |= pending;
        return Next::enter;
    }
    if (cpu.taking && load_acquire(cpu.shared.dead) != 0) return take_and_park(exit);
    deliver_pending(cpu, exit.vmcs, pending);
    trace_event(cpu, RMVISOR_TRACE_NMI, insn::rdtsc(), pending);
    return exit.vmcs.status().ok() ? Next::enter : give_up(exit, VISOR_FAULT_VMX, 0);
}

}  // namespace

}  // namespace rmv

using namespace rmv;

Next visor_handle_exit(rmv_gprs* gprs, Cpu* cpu) {
    ExitContext exit{*cpu, *gprs};
    const u32 raw_reason = exit.vmcs.read<Field::exit_reason>();
    if (cpu->mode == Mode::rm_guest) {
        if (watch_is_requested(*cpu)) follow_watch(*cpu, exit.vmcs, false);
        return handle_rm_exit(exit, raw_reason);
    }
    const Next next = handle_linux(exit, raw_reason);
    settle_quick_answers(*cpu);
    return next;
}

Next visor_handle_entry_failure(rmv_gprs* gprs, Cpu* cpu) {
    if (cpu->mode == Mode::rm_guest) return handle_rm_entry_failure(*gprs, *cpu);
    ExitContext exit{*cpu, *gprs};
    return explain_entry_failure(exit, 0);
}

// Something hit root since the exit. An NMI keeps NMIs blocked while Linux is served.
Next visor_handle_pending(rmv_gprs* gprs, Cpu* cpu) {
    if (cpu->mode == Mode::rm_guest) {
        Vmcs vmcs;
        if (watch_is_requested(*cpu)) follow_watch(*cpu, vmcs, false);
        return handle_rm_nmi_pending(*gprs, *cpu);
    }
    ExitContext exit{*cpu, *gprs};
    const Next next = handle_pending_of_linux(exit);
    settle_quick_answers(*cpu);
    return next;
}
