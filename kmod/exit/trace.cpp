// SPDX-License-Identifier: GPL-2.0-only
#include "exit/trace.hpp"

#include "x86/control_registers.hpp"

namespace rmv {

namespace {

constexpr u8 to_abi(Action action) noexcept {
    switch (action) {
        case Action::resume: return RMVISOR_ACTION_RESUME;
        case Action::skip: return RMVISOR_ACTION_SKIP;
        case Action::inject: return RMVISOR_ACTION_INJECT;
        case Action::leave: return RMVISOR_ACTION_LEAVE;
        case Action::stop: return RMVISOR_ACTION_USER;
        case Action::park: return RMVISOR_ACTION_PARK;
        case Action::unhandled: return RMVISOR_ACTION_NONE;
    }
    return RMVISOR_ACTION_NONE;
}

// Exits whose instruction-length field means something (SDM: Information for VM Exits Due to
// Instruction Execution) are those of instructions; the rest gets 0.
bool has_instruction_length(u32 reason) noexcept {
    switch (static_cast<ExitReason>(reason)) {
        case ExitReason::exception_or_nmi:
        case ExitReason::external_interrupt:
        case ExitReason::triple_fault:
        case ExitReason::init_signal:
        case ExitReason::startup_ipi:
        case ExitReason::ept_violation:
        case ExitReason::ept_misconfiguration:
        case ExitReason::preemption_timer_expired:
        case ExitReason::entry_failure_guest_state:
        case ExitReason::entry_failure_msr_loading: return false;
        default:  // a filter over an open list, not a dispatch
            return true;
    }
}

u8 code_size_flags(Vmcs& vmcs) noexcept {
    const u32 rights = vmcs.read<Field::guest_cs_access_rights>();
    if (has(rights, AccessRights::long_mode) && has(vmcs.read<Field::guest_efer>(), Efer::lma))
        return RMVISOR_TRACE_F_CODE64;
    return has(rights, AccessRights::default_32) ? RMVISOR_TRACE_F_CODE32 : 0;
}

void add_addresses(Vmcs& vmcs, TraceRecord& record) noexcept {
    record.guest_physical = vmcs.read<Field::guest_physical_address>();
    record.linear_address = vmcs.read<Field::guest_linear_address>();
    record.flags |= RMVISOR_TRACE_F_PHYSICAL | RMVISOR_TRACE_F_LINEAR;
}

void add_registers(const ExitContext& exit, TraceRecord& record) noexcept {
    record.rax = exit.rax_at_exit;
    record.rcx = exit.rcx_at_exit;
    record.rdx = exit.rdx_at_exit;
    record.flags |= RMVISOR_TRACE_F_REGS;
}

}  // namespace

void trace_exit(ExitContext& exit, u64 start, u32 raw_reason, Action action) noexcept {
    if (!trace_is_on(exit.cpu)) return;
    Vmcs& vmcs = exit.vmcs;
    TraceRecord record = start_trace_record(exit.cpu, RMVISOR_TRACE_EXIT, start);
    record.reason = static_cast<u16>(raw_reason);
    record.action = to_abi(action);
    record.rip = vmcs.read<Field::guest_rip>();
    if (has_instruction_length(record.reason))
        record.insn_length = static_cast<u8>(vmcs.read<Field::exit_instruction_length>());
    // The handler has moved RIP already; the record names the instruction that exited.
    if (action == Action::skip) record.rip -= record.insn_length;
    record.cs_base = low32(vmcs.read<Field::guest_cs_base>());
    record.flags = code_size_flags(vmcs);
    record.qualification = vmcs.read<Field::exit_qualification>();
    record.intr_info = vmcs.read<Field::exit_interruption_info>();
    if ((record.intr_info & (1u << 31)) == 0) record.intr_info = 0;
    if (static_cast<ExitReason>(record.reason) == ExitReason::ept_violation)
        add_addresses(vmcs, record);
    else
        add_registers(exit, record);
    record.root_ticks = ticks_since(start);
    exit.cpu.trace.write(record);
}

}  // namespace rmv
