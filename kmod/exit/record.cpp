// SPDX-License-Identifier: GPL-2.0-only
#include "exit/record.hpp"

#include "x86/control_registers.hpp"

namespace rmv {

namespace {

// The exit information that a reason comes with (SDM: Information for VM Exits). What a reason has
// not is not read: a VMREAD costs, and the field would hold 0 or something old.
enum class Detail : u8 {
    instruction_length = bit(0),
    qualification = bit(1),
    interruption = bit(2),
    addresses = bit(3),
    io = bit(4),
};

constexpr u8 instruction = mask(Detail::instruction_length);
constexpr u8 instruction_with_qualification =
    mask(Detail::instruction_length, Detail::qualification);

constexpr u8 details(ExitReason reason) noexcept {
    switch (reason) {
        case ExitReason::exception_or_nmi: return mask(Detail::qualification, Detail::interruption);
        case ExitReason::external_interrupt: return mask(Detail::interruption);
        case ExitReason::triple_fault:
        case ExitReason::init_signal:
        case ExitReason::interrupt_window:
        case ExitReason::nmi_window:
        case ExitReason::io_smi:
        case ExitReason::other_smi:
        case ExitReason::monitor_trap_flag:
        case ExitReason::tpr_below_threshold:
        case ExitReason::preemption_timer_expired:
        case ExitReason::entry_failure_machine_check:
        case ExitReason::instruction_timeout: return 0;
        case ExitReason::startup_ipi:
        case ExitReason::virtualized_eoi:
        case ExitReason::apic_write:
        case ExitReason::page_modification_log_full:
        case ExitReason::spp_related_event:
        case ExitReason::bus_lock:
        case ExitReason::entry_failure_guest_state:
        case ExitReason::entry_failure_msr_loading: return mask(Detail::qualification);
        case ExitReason::ept_violation: return mask(Detail::qualification, Detail::addresses);
        case ExitReason::ept_misconfiguration: return mask(Detail::addresses);
        case ExitReason::io_instruction:
            return mask(Detail::instruction_length, Detail::qualification, Detail::io);
        case ExitReason::cpuid:
        case ExitReason::getsec:
        case ExitReason::hlt:
        case ExitReason::invd:
        case ExitReason::rdpmc:
        case ExitReason::rdtsc:
        case ExitReason::rdtscp:
        case ExitReason::rsm:
        case ExitReason::vmcall:
        case ExitReason::vmlaunch:
        case ExitReason::vmresume:
        case ExitReason::vmxoff:
        case ExitReason::vmfunc:
        case ExitReason::rdmsr:
        case ExitReason::wrmsr:
        case ExitReason::xsetbv:
        case ExitReason::wbinvd_or_wbnoinvd:
        case ExitReason::monitor:
        case ExitReason::pause:
        case ExitReason::rdrand:
        case ExitReason::rdseed:
        case ExitReason::umwait:
        case ExitReason::tpause: return instruction;
        default:
            return instruction_with_qualification;  // read what may be there; nothing depends on it
    }
}

struct DetailTable {
    u8 of[RMVISOR_STATS_REASONS];
};

constexpr DetailTable detail_table = [] {
    DetailTable table{};
    for (u32 reason = 0; reason < RMVISOR_STATS_REASONS; ++reason)
        table.of[reason] = details(static_cast<ExitReason>(reason));
    return table;
}();

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

// Linux is in IA-32e mode, where 64-bit code has base 0.
void add_linux_code_segment(Vmcs& vmcs, TraceRecord& record) noexcept {
    record.flags = RMVISOR_TRACE_F_PROTECTED;
    const u32 rights = vmcs.read<Field::guest_cs_access_rights>();
    if (has(rights, AccessRights::long_mode)) {
        record.flags |= RMVISOR_TRACE_F_CODE64;
        return;
    }
    record.cs_base = low32(vmcs.read<Field::guest_cs_base>());
    if (has(rights, AccessRights::default_32)) record.flags |= RMVISOR_TRACE_F_CODE32;
}

void add_rm_code_segment(Vmcs& vmcs, TraceRecord& record) noexcept {
    const u32 rights = vmcs.read<Field::guest_cs_access_rights>();
    record.cs_base = low32(vmcs.read<Field::guest_cs_base>());
    if (has(vmcs.read<Field::guest_cr0>(), Cr0::pe)) record.flags |= RMVISOR_TRACE_F_PROTECTED;
    if (has(rights, AccessRights::long_mode) && has(vmcs.read<Field::guest_efer>(), Efer::lma))
        record.flags |= RMVISOR_TRACE_F_CODE64;
    else if (has(rights, AccessRights::default_32))
        record.flags |= RMVISOR_TRACE_F_CODE32;
}

void add_addresses(Vmcs& vmcs, TraceRecord& record) noexcept {
    record.guest_physical = vmcs.read<Field::guest_physical_address>();
    record.flags |= RMVISOR_TRACE_F_PHYSICAL;
    if (static_cast<ExitReason>(record.reason) != ExitReason::ept_violation ||
        !decode_ept_violation(record.qualification).linear_valid)
        return;
    record.linear_address = vmcs.read<Field::guest_linear_address>();
    record.flags |= RMVISOR_TRACE_F_LINEAR;
}

void add_registers(const ExitContext& exit, TraceRecord& record) noexcept {
    record.rax = exit.rax_at_exit;
    record.rcx = exit.rcx_at_exit;
    record.rdx = exit.rdx_at_exit;
    record.flags |= RMVISOR_TRACE_F_REGS;
}

// String forms have a memory operand and a count; the others a value.
void add_io(ExitContext& exit, TraceRecord& record) noexcept {
    const auto io = decode_io(record.qualification);
    if (!io || !io->is_string) return add_registers(exit, record);
    record.count = exit.rcx_at_exit;
    record.insn_info = exit.vmcs.read<Field::exit_instruction_info>();
    record.linear_address = exit.vmcs.read<Field::guest_linear_address>();
    record.flags |= RMVISOR_TRACE_F_STRING | RMVISOR_TRACE_F_LINEAR;
}

void add_interruption(Vmcs& vmcs, TraceRecord& record) noexcept {
    const u32 info = vmcs.read<Field::exit_interruption_info>();
    const auto event = decode_interruption(info);
    if (!event) return;
    record.intr_info = info;
    if (!event->has_error_code) return;
    record.error_code = vmcs.read<Field::exit_interruption_error_code>();
    record.flags |= RMVISOR_TRACE_F_ERROR_CODE;
}

void add_details(ExitContext& exit, TraceRecord& record, u8 wanted) noexcept {
    if (has(wanted, Detail::qualification))
        record.qualification = exit.vmcs.read<Field::exit_qualification>();
    if (has(wanted, Detail::addresses)) return add_addresses(exit.vmcs, record);
    if (has(wanted, Detail::io)) return add_io(exit, record);
    add_registers(exit, record);
    if (has(wanted, Detail::interruption)) add_interruption(exit.vmcs, record);
}

// The handler has moved RIP past an instruction that it has done; the record names that one.
void add_instruction(Vmcs& vmcs, TraceRecord& record, u8 wanted, Action action) noexcept {
    record.rip = vmcs.read<Field::guest_rip>();
    if (!has(wanted, Detail::instruction_length)) return;
    record.insn_length = static_cast<u8>(vmcs.read<Field::exit_instruction_length>());
    if (action == Action::skip || action == Action::leave) record.rip -= record.insn_length;
}

u64 trace_exit(ExitContext& exit, u32 raw_reason, Action action) noexcept {
    Cpu& cpu = exit.cpu;
    TraceRecord& record = start_trace_record(cpu, RMVISOR_TRACE_EXIT, exit.start);
    record.reason = static_cast<u16>(raw_reason);
    record.action = to_abi(action);
    const u8 wanted =
        record.reason < RMVISOR_STATS_REASONS ? detail_table.of[record.reason] : u8{instruction};
    add_instruction(exit.vmcs, record, wanted, action);
    if (cpu.mode == Mode::rm_guest)
        add_rm_code_segment(exit.vmcs, record);
    else
        add_linux_code_segment(exit.vmcs, record);
    add_details(exit, record, wanted);
    const u64 ticks = insn::rdtsc() - exit.start;
    record.root_ticks = saturated(ticks);
    finish_trace_record(cpu, record);
    return ticks;
}

}  // namespace

void record_handled_exit(ExitContext& exit, u32 raw_reason, Action action) noexcept {
    Cpu& cpu = exit.cpu;
    const u64 ticks =
        trace_is_on(cpu) ? trace_exit(exit, raw_reason, action) : insn::rdtsc() - exit.start;
    if ((cpu.watch & watch_latency) == 0) return;
    auto& entries = cpu.mode == Mode::rm_guest ? cpu.stats.guest_exits : cpu.stats.linux_exits;
    add_latency(entry_of(entries, raw_reason), ticks);
}

}  // namespace rmv
