// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/stop.hpp"

#include "rm_guest/apic/exits.hpp"
#include "rm_guest/clock.hpp"
#include "rm_guest/entry_trial.hpp"
#include "rm_guest/events.hpp"
#include "rm_guest/guest_debug.hpp"
#include "rm_guest/smi_account.hpp"
#include "vmx/doorbell.hpp"
#include "vmx/entry_check/entry_check.hpp"
#include "vmx/globals.hpp"
#include "vmx/trace_event.hpp"
#include "x86/atomic.hpp"
#include "x86/control_registers.hpp"

namespace rmv {

namespace {

// Of the VMX instruction that failed last. A fresh accessor: if this fails too, 0 is all there is.
u32 last_instruction_error() noexcept {
    Vmcs vmcs;
    return vmcs.read<Field::instruction_error>();
}

// SDM: Basic VM-Exit Information, Guest-Physical Address and Guest-Linear Address.
bool has_guest_physical(u32 raw_reason) noexcept {
    const auto reason = decode_reason(raw_reason);
    return reason == ExitReason::ept_violation || reason == ExitReason::ept_misconfiguration;
}

bool has_guest_linear(u32 raw_reason, const visor_stop& stop) noexcept {
    if (stop.string != 0) return true;
    return decode_reason(raw_reason) == ExitReason::ept_violation &&
           decode_ept_violation(stop.qualification).linear_valid;
}

}  // namespace

void stop_guest(Cpu& cpu, const rmv_gprs& gprs, const visor_stop& stop) noexcept {
    end_trial(cpu, stop);
    Vmcs vmcs;
    end_guest_debug(cpu.rm, vmcs);
    sample_smis(cpu, cpu.shared.guest_smis);
    cpu.mode = Mode::parked;
    const u64 now = insn::rdtsc();
    trace_event(cpu, RMVISOR_TRACE_STOP, now, stop.reason);
    cpu.shared.stop = stop;
    cpu.shared.stop.interrupt_ready = is_ready_for_interrupt(cpu.rm, vmcs);
    cpu.shared.stop.budget_left = budget_left(cpu.rm.clock, now);
    cpu.shared.stop.rflags = vmcs.read<Field::guest_rflags>();
    cpu.shared.stop.apic_base = cpu.rm.apic_base;
    cpu.shared.stop.cr8 = low32(apic::read_cr8(cpu.rm));
    store_release(cpu.shared.state, u32{VISOR_CPU_PARKED});
    store_release(cpu.shared.stop_sequence, load_relaxed(cpu.shared.stop_sequence) + 1);
    // The owner takes the word back before it sleeps, and looks at the sequence afterwards.
    full_barrier();
    if (load_relaxed(cpu.shared.owner_polls) == 0) ring_doorbell(cpu);
    // What only commands ask for can wait until the owner is on its way.
    cpu.rm.gprs = gprs;
    cpu.rm.cr2 = insn::read_cr2();
}

void describe_exit(Vmcs& vmcs, u32 raw_reason, visor_stop& stop) noexcept {
    stop.exit_reason = raw_reason;
    stop.qualification = vmcs.read<Field::exit_qualification>();
    if (has_guest_physical(raw_reason))
        stop.guest_physical = vmcs.read<Field::guest_physical_address>();
    if (has_guest_linear(raw_reason, stop))
        stop.guest_linear = vmcs.read<Field::guest_linear_address>();
    stop.instruction_length = vmcs.read<Field::exit_instruction_length>();
    const u32 vectoring = vmcs.read<Field::idt_vectoring_info>();
    if (decode_interruption(vectoring)) stop.idt_vectoring = vectoring;
    const u32 interruption = vmcs.read<Field::exit_interruption_info>();
    if (decode_interruption(interruption)) stop.intr_info = interruption;
}

visor_stop kick_stop() noexcept {
    visor_stop stop{};
    stop.reason = VISOR_STOP_KICK;
    return stop;
}

visor_stop vmx_error_stop() noexcept {
    visor_stop stop{};
    stop.reason = VISOR_STOP_VMX_ERROR;
    stop.instruction_error = last_instruction_error();
    return stop;
}

Action skip_or_stop(Status status, visor_stop& stop) noexcept {
    if (status.ok()) return Action::skip;
    stop = vmx_error_stop();
    return Action::stop;
}

visor_stop entry_vmfail_stop() noexcept {
    visor_stop stop{};
    stop.reason = VISOR_STOP_ENTRY_FAILED;
    stop.instruction_error = last_instruction_error();
    Vmcs vmcs;
    stop.rule = find_broken_rule(globals.facts, vmcs);
    return stop;
}

visor_stop failed_entry_stop(Vmcs& vmcs, u32 raw_reason) noexcept {
    visor_stop stop{};
    stop.reason = VISOR_STOP_ENTRY_FAILED;
    stop.exit_reason = raw_reason;
    stop.qualification = vmcs.read<Field::exit_qualification>();
    stop.rule = find_broken_rule(globals.facts, vmcs);
    return stop;
}

}  // namespace rmv
