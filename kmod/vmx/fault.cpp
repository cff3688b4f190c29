// SPDX-License-Identifier: GPL-2.0-only
// Exceptions in root: a fix-up for the few instructions that may fault, a way to Linux for machine
// checks, a record for all others.
#include "vmx/fault.hpp"

#include "vmx/leave.hpp"

namespace rmv {

namespace {

void publish(Cpu& cpu, visor_fault record) noexcept {
    if (cpu.shared.fault.valid != 0)
        return;
    record.valid = 0;
    cpu.shared.fault = record;
    store_release(cpu.shared.fault.valid, u32{1});
}

[[nodiscard]] u64 fixup_for(u64 rip) noexcept {
    for (const Fixup* one = visor_fixups_begin; one != visor_fixups_end; ++one)
        if (one->instruction == rip)
            return one->target;
    return 0;
}

// A fault that can't be left behind: the CPU stands still, with its record. Linux finds it silent.
[[noreturn]] void stand_still(Cpu& cpu) noexcept {
    store_release(cpu.shared.state, u32{VISOR_CPU_BROKEN});
    for (;;)
        insn::halt_forever();
}

// As in entry.S for NMIs: past the last test the entry is abandoned and the test made again.
void go_back_to_the_test(FaultFrame& frame, const Cpu& cpu) noexcept {
    const u64 begin = reinterpret_cast<u64>(visor_resume_begin);
    const u64 end = reinterpret_cast<u64>(visor_resume_end);
    if (frame.rip < begin || frame.rip >= end)
        return;
    frame.rip = reinterpret_cast<u64>(visor_resume_pending);
    frame.rsp = cpu.frame;
}

// A CPU that Linux has offlined takes part in broadcast machine checks only by clearing its own
// MCG_STATUS, as Linux's handler does on an offline CPU (SDM: Machine-Check Global Control MSRs).
void machine_check_without_linux(Cpu& cpu) noexcept {
    constexpr u64 restart_ip_valid = bit(0);
    if ((insn::rdmsr(Msr::mcg_status) & restart_ip_valid) == 0)
        stand_still(cpu);
    insn::wrmsr(Msr::mcg_status, 0);
}

// Its banks stay as they are: Linux's handler reads them. Returns to what was interrupted.
Next take_machine_check(FaultFrame& frame, Cpu& cpu) noexcept {
    count(cpu.shared.machine_checks);
    if (cpu.mode != Mode::linux_guest) {
        machine_check_without_linux(cpu);
        return Next::enter;
    }
    set_bits(cpu.pending, u32{PENDING_MACHINE_CHECK});
    go_back_to_the_test(frame, cpu);
    return Next::enter;
}

}  // namespace

void record_exit_fault(Cpu& cpu, Vmcs& vmcs, visor_fault_kind kind, u32 raw_reason, u32 rule) noexcept {
    visor_fault record{};
    record.kind = kind;
    record.exit_reason = raw_reason;
    record.rule = rule;
    record.rip = vmcs.read<Field::guest_rip>();
    record.rsp = vmcs.read<Field::guest_rsp>();
    record.qualification = vmcs.read<Field::exit_qualification>();
    record.instruction_error = vmcs.read<Field::instruction_error>();
    publish(cpu, record);
}

void record_root_fault(Cpu& cpu, const FaultFrame& frame) noexcept {
    visor_fault record{};
    record.kind = VISOR_FAULT_ROOT;
    record.vector = low32(frame.vector);
    record.error_code = frame.error_code;
    record.rip = frame.rip;
    record.rsp = frame.rsp;
    record.cr2 = insn::read_cr2();
    publish(cpu, record);
}

}  // namespace rmv

using namespace rmv;

// Linux's exit can be abandoned: the CPU leaves VMX, and the instruction that exited runs again,
// natively. A second fault, or one without Linux behind it, can't.
Next visor_handle_fault(FaultFrame* frame, Cpu* cpu) {
    constexpr u64 machine_check = 18;
    if (frame->vector == machine_check)
        return take_machine_check(*frame, *cpu);
    if (const u64 target = fixup_for(frame->rip); target != 0) {
        frame->rip = target;
        return Next::enter;
    }
    const bool second = cpu->shared.fault.valid != 0;
    record_root_fault(*cpu, *frame);
    if (second || cpu->mode != Mode::linux_guest)
        stand_still(*cpu);
    block_nmis_without_entry(*cpu);
    return Next::leave;
}
