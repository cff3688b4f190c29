// SPDX-License-Identifier: GPL-2.0-only
// Exceptions in root: a fix-up for the few instructions that may fault, a record for all others.
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
