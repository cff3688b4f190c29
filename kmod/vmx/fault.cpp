// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/fault.hpp"

namespace rmv {

namespace {

void publish(Cpu& cpu, visor_fault record) noexcept {
    if (cpu.shared.fault.valid != 0) return;
    record.valid = 0;
    cpu.shared.fault = record;
    store_release(cpu.shared.fault.valid, u32{1});
}

// As in entry.S for NMIs: past the last test the entry is abandoned and the test made again.
void go_back_to_the_test(FaultFrame& frame, const Cpu& cpu) noexcept {
    const auto address = [](void (*place)()) { return reinterpret_cast<u64>(place); };
    const auto is_between = [&](void (*begin)(), void (*end)()) {
        return frame.rip >= address(begin) && frame.rip < address(end);
    };
    if (is_between(visor_quick_begin, visor_quick_end)) {
        frame.rip = address(visor_quick_pending);
    } else if (is_between(visor_resume_begin, visor_resume_end)) {
        frame.rip = address(visor_resume_pending);
        frame.rsp = cpu.frame;
    }
}

// A CPU that Linux has offlined takes part in broadcast machine checks only by clearing its own
// MCG_STATUS, as Linux's handler does on an offline CPU (SDM: Machine-Check Global Control MSRs).
void machine_check_without_linux(Cpu& cpu) noexcept {
    constexpr u64 restart_ip_valid = bit(0);
    if ((insn::rdmsr(Msr::mcg_status) & restart_ip_valid) == 0) stand_still(cpu);
    insn::wrmsr(Msr::mcg_status, 0);
}

}  // namespace

void stand_still(Cpu& cpu) noexcept {
    store_release(cpu.shared.state, u32{VISOR_CPU_BROKEN});
    for (;;) insn::halt_forever();
}

void take_machine_check(FaultFrame& frame, Cpu& cpu) noexcept {
    count(cpu.shared.machine_checks);
    if (cpu.mode != Mode::linux_guest) return machine_check_without_linux(cpu);
    set_bits(cpu.pending, u32{PENDING_MACHINE_CHECK});
    go_back_to_the_test(frame, cpu);
}

void record_exit_fault(Cpu& cpu, Vmcs& vmcs, visor_fault_kind kind, u32 raw_reason,
                       u32 rule) noexcept {
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

void record_refused_vmxoff(Cpu& cpu) noexcept {
    visor_fault record{};
    record.kind = VISOR_FAULT_VMXOFF;
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
