// SPDX-License-Identifier: GPL-2.0-only
// Exceptions in root: a fix-up for the few instructions that may fault, a way to Linux for machine
// checks, and for all others a record and the way out of VMX.
#include "exit/event.hpp"
#include "vmx/fault.hpp"
#include "vmx/leave.hpp"
#include "vmx/trace_event.hpp"

namespace rmv {

namespace {

[[nodiscard]] u64 fixup_for(u64 rip) noexcept {
    for (const Fixup* one = visor_fixups_begin; one != visor_fixups_end; ++one)
        if (one->instruction == rip) return one->target;
    return 0;
}

// The exit that was being handled is given up: the instruction that exited runs again, natively.
Next leave_by_entry(FaultFrame& frame, Cpu& cpu) noexcept {
    Vmcs vmcs;
    reinject_vectored_event(vmcs);
    if (begin_leave(cpu, vmcs) == Next::leave) return Next::leave;
    frame.rip = reinterpret_cast<u64>(visor_resume_begin);
    frame.rsp = cpu.frame;
    return Next::enter;
}

// The first fault leaves as Linux's own call does; one on that way, without the entry; a third
// means that there is no way.
Next leave_after(FaultFrame& frame, Cpu& cpu) noexcept {
    switch (cpu.leave.root_faults++) {
        case 0:
            trace_root_fault(cpu, frame.vector, frame.error_code, frame.rip);
            if (!cpu.leave.pending) return leave_by_entry(frame, cpu);
            return Next::leave;
        case 1: block_nmis_without_entry(cpu); return Next::leave;
        default: stand_still(cpu);
    }
}

}  // namespace

}  // namespace rmv

using namespace rmv;

// Next::enter: on at the frame.
Next visor_handle_fault(FaultFrame* frame, Cpu* cpu) {
    if (frame->vector == static_cast<u64>(Vector::machine_check)) {
        take_machine_check(*frame, *cpu);
        return Next::enter;
    }
    if (const u64 target = fixup_for(frame->rip); target != 0) {
        frame->rip = target;
        return Next::enter;
    }
    record_root_fault(*cpu, *frame);
    if (cpu->mode != Mode::linux_guest) stand_still(*cpu);
    return leave_after(*frame, *cpu);
}
