// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/apic/exits.hpp"

#include "rm_guest/apic/access.hpp"
#include "rm_guest/apic/deliver.hpp"
#include "rm_guest/apic/vmcs.hpp"
#include "rm_guest/clock.hpp"

namespace rmv::apic {

namespace {

constexpr u32 tpr_class_shift = 4;

// The timer runs on the machine's TSC, so that a guest that writes its own does not stretch it.
// 0 is "disarmed" on both sides.
u64 read_deadline(const Cpu& cpu) noexcept {
    const u64 at = cpu.rm.apic.local.timer.tsc_deadline();
    return at == 0 ? 0 : guest_tsc(cpu.rm.clock, at);
}

void write_deadline(Cpu& cpu, u64 value) noexcept {
    const u64 at = value == 0 ? 0 : machine_tsc(cpu.rm.clock, value);
    // A deadline in the past may be below 0 on the machine's clock: it has passed.
    const bool past = value != 0 && value <= guest_tsc(cpu.rm.clock, insn::rdtsc());
    cpu.rm.apic.local.timer.set_tsc_deadline(past ? 1 : at);
}

bool finish_write(Cpu& cpu, const WriteResult& result) noexcept {
    if (result.outcome == Written::send) send(cpu, result.icr);
    return result.outcome != Written::fault;
}

}  // namespace

Action handle_apic_access(ExitContext& exit, visor_stop& stop) noexcept {
    if (!exit.cpu.rm.apic.is_on()) return Action::unhandled;
    const auto access = decode_apic_access(exit.vmcs.read<Field::exit_qualification>());
    if (!access) return Action::unhandled;
    stop.reason = VISOR_STOP_MEMORY;
    stop.guest_physical = apic_base_default + access->offset;
    return Action::stop;
}

Action handle_tpr_below_threshold(const RmGuest& rm) noexcept {
    return rm.apic.is_on() ? Action::resume : Action::unhandled;
}

Action handle_apic_write(ExitContext& exit) noexcept {
    if (!exit.cpu.rm.apic.is_on()) return Action::unhandled;
    const u32 offset = decode_apic_write_offset(exit.vmcs.read<Field::exit_qualification>());
    static_cast<void>(
        finish_write(exit.cpu, written_to_page(exit.cpu.rm.apic.local, offset, insn::rdtsc())));
    return Action::resume;
}

bool is_apic_msr(u32 msr) noexcept {
    return is_x2apic_msr(msr) || msr == static_cast<u32>(Msr::tsc_deadline);
}

std::optional<u64> read_apic_msr(const Cpu& cpu, u32 msr) noexcept {
    if (!cpu.rm.apic.is_on()) return std::nullopt;
    if (!is_x2apic_msr(msr)) return read_deadline(cpu);
    return read_msr(cpu.rm.apic.local, msr, insn::rdtsc());
}

bool write_apic_msr(Cpu& cpu, u32 msr, u64 value) noexcept {
    if (!cpu.rm.apic.is_on()) return false;
    if (!is_x2apic_msr(msr)) return write_deadline(cpu, value), true;
    return finish_write(cpu, write_msr(cpu.rm.apic.local, msr, value, insn::rdtsc()));
}

bool write_apic_base(Cpu& cpu, Vmcs& vmcs, u64 value) noexcept {
    if (value == cpu.rm.apic_base) return true;
    if (!cpu.rm.apic.is_on() || !can_change_base(cpu.rm.apic_base, value)) return false;
    set_apic_base(cpu, vmcs, value);
    return true;
}

void set_apic_base(Cpu& cpu, Vmcs& vmcs, u64 value) noexcept {
    cpu.rm.apic_base = value;
    if (!cpu.rm.apic.is_on()) return;
    change_base(cpu.rm.apic.local, value);
    write_controls(cpu, vmcs);
}

u64 read_cr8(const RmGuest& rm) noexcept {
    return rm.apic.is_on() ? rm.apic.local.page->read(ApicRegister::tpr) >> tpr_class_shift
                           : rm.cr8;
}

void write_cr8(RmGuest& rm, u64 value) noexcept {
    if (rm.apic.is_on())
        rm.apic.local.page->write(ApicRegister::tpr, low32(value) << tpr_class_shift);
    else
        rm.cr8 = value;
}

}  // namespace rmv::apic
