// SPDX-License-Identifier: GPL-2.0-only
// RUN: into the guest.
#include "rm_guest/apic/arrivals.hpp"
#include "rm_guest/clock.hpp"
#include "rm_guest/commands.hpp"
#include "rm_guest/events.hpp"
#include "rm_guest/guest_debug.hpp"
#include "rm_guest/io.hpp"
#include "rm_guest/kick.hpp"
#include "rm_guest/pdptes.hpp"
#include "rm_guest/prepare_entry.hpp"
#include "rm_guest/rsm_guard.hpp"
#include "rm_guest/smi_account.hpp"
#include "rm_guest/stop.hpp"
#include "rm_guest/translations.hpp"
#include "vmx/doorbell.hpp"
#include "vmx/trace_event.hpp"

namespace rmv {

namespace {

// The guest was stopped when its memory changed, so before an entry is early enough.
Status follow_memory_changes(RmGuest& rm, const visor_public& shared, Vmcs& vmcs) noexcept {
    const u32 generation = load_relaxed(shared.ept_generation);
    if (rm.ept_generation == generation) return success;
    rm.zero_page = load_relaxed(shared.zero_page);
    follow_paging(rm, vmcs);
    RMV_TRY(flush_guest_physical(rm.ept_pointer));
    rm.ept_generation = generation;
    return success;
}

Status prepare_run(Cpu& cpu) noexcept {
    if (!cpu.rm.configured) return {VISOR_WRONG_STATE};
    const visor_run_args args = cpu.shared.run;  // Linux leaves it alone until the answer
    Vmcs vmcs;
    RMV_TRY(follow_memory_changes(cpu.rm, cpu.shared, vmcs));
    constexpr u32 highest_priority = 15;
    // With an APIC it is the guest's alone, as in KVM.
    if (!cpu.rm.apic.is_on()) cpu.rm.cr8 = args.cr8 & highest_priority;
    complete_io(cpu.rm, vmcs, args);
    complete_pdptes(cpu.rm, vmcs, args);
    cpu.rm.events.owner_wants_window = args.want_window != 0;
    settle_blocking(vmcs);
    begin_guest_debug(cpu.rm, vmcs);
    start_budget(cpu.rm.clock, args.budget);
    return vmcs.status();
}

// What the entry needs; false: there is none, and the guest has stopped. It is running already, as
// its owner sees it.
bool prepare_first_entry(Cpu& cpu, rmv_gprs& gprs) noexcept {
    ExitContext context{cpu, gprs};
    if (cpu.rm.apic.is_on()) {
        visor_stop stop{};
        if (!apic::wait_until_runnable(context, stop)) {
            stop_guest(cpu, gprs, stop);
            return false;
        }
    }
    prepare_entry(cpu, context.vmcs);
    if (context.vmcs.status().ok()) return true;
    stop_guest(cpu, gprs, vmx_error_stop());
    return false;
}

}  // namespace

std::optional<Next> run_guest(Cpu& cpu, rmv_gprs& gprs) noexcept {
    if (const Status status = prepare_run(cpu); !status.ok()) {
        answer(cpu, status);
        ring_doorbell(cpu);  // the owner sleeps until the run is over
        return std::nullopt;
    }
    sample_smis(cpu, cpu.shared.parked_smis);
    gprs = cpu.rm.gprs;
    insn::write_cr2(cpu.rm.cr2);
    cpu.mode = Mode::rm_guest;
    trace_event(cpu, RMVISOR_TRACE_RUN, insn::rdtsc(), 0);
    store_release(cpu.shared.state, u32{VISOR_CPU_RUNNING});
    answer(cpu, success);
    if (cpu.rm.debug.step_done) {
        cpu.rm.debug.step_done = false;
        Vmcs vmcs;
        stop_guest(cpu, gprs, step_stop(vmcs));
        return std::nullopt;
    }
    // A kick that comes after this look sets `pending` again, which is tested before the entry.
    if (take_kick(cpu)) {
        stop_guest(cpu, gprs, kick_stop());
        return std::nullopt;
    }
    if (pdptes_are_missing(cpu.rm)) {
        stop_guest(cpu, gprs, pdptes_stop(cpu.rm));
        return std::nullopt;
    }
    if (!prepare_first_entry(cpu, gprs)) return std::nullopt;
    return Next::enter;
}

}  // namespace rmv
