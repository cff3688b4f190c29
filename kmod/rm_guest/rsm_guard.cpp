// SPDX-License-Identifier: GPL-2.0-only
#include "rm_guest/rsm_guard.hpp"

#include "exit/event.hpp"
#include "exit/qualification.hpp"
#include "exit/reason.hpp"
#include "rm_guest/control_registers.hpp"
#include "rm_guest/smi_account.hpp"
#include "vmx/controls.hpp"
#include "x86/atomic.hpp"

namespace rmv {

namespace {

constexpr u32 cr3_exits =
    static_cast<u32>(mask(Primary::cr3_load_exiting, Primary::cr3_store_exiting));
constexpr u32 page_faults = 1u << static_cast<u32>(Vector::page_fault);

template <Field field>
void change_bits(Vmcs& vmcs, u32 bits, bool on) noexcept {
    const u32 others = vmcs.read<field>() & ~bits;
    vmcs.write<field>(others | (on ? bits : 0));
}

void set_guard(Vmcs& vmcs, bool on) noexcept {
    change_bits<Field::primary_processor_controls>(vmcs, cr3_exits, on);
    change_bits<Field::exception_bitmap>(vmcs, page_faults, on);
}

void begin_guard(RmGuest& rm, Vmcs& vmcs) noexcept {
    const u64 efer = vmcs.read<Field::guest_efer>();
    rm.guard = {.on = true, .cr3 = vmcs.read<Field::guest_cr3>(), .efer = efer & mask(Efer::lme)};
    vmcs.write<Field::guest_efer>(efer & ~mask(Efer::lme));
    set_guard(vmcs, true);
}

void end_guard(RmGuest& rm, Vmcs& vmcs) noexcept {
    vmcs.write<Field::guest_cr3>(rm.guard.cr3);
    vmcs.write<Field::guest_efer>(vmcs.read<Field::guest_efer>() | rm.guard.efer);
    set_guard(vmcs, false);
    rm.guard = {};
}

}  // namespace

u64 read_guest_cr3(const RmGuest& rm, Vmcs& vmcs) noexcept {
    return rm.guard.on ? rm.guard.cr3 : vmcs.read<Field::guest_cr3>();
}

void write_guest_cr3(RmGuest& rm, Vmcs& vmcs, u64 value) noexcept {
    if (rm.guard.on)
        rm.guard.cr3 = value;
    else
        vmcs.write<Field::guest_cr3>(value);
}

void follow_paging(RmGuest& rm, Vmcs& vmcs) noexcept {
    const bool wanted = rm.zero_page != 0 && !has(read_guest_cr0(vmcs), Cr0::pg);
    if (wanted && !rm.guard.on)
        begin_guard(rm, vmcs);
    else if (!wanted && rm.guard.on)
        end_guard(rm, vmcs);
    if (wanted) vmcs.write<Field::guest_cr3>(rm.zero_page);
}

bool repair_mode(Cpu& cpu, Vmcs& vmcs, u64 exit_start) noexcept {
    if (!cpu.rm.guard.on) return false;
    const u64 now = vmcs.read<Field::guest_cr0>();
    const u64 granted = vmcs.read<Field::cr0_read_shadow>();
    if (((now ^ granted) & cr0_mode_bits) == 0) return false;
    vmcs.write<Field::guest_cr0>((now & ~cr0_mode_bits) | (granted & cr0_mode_bits));
    count(cpu.shared.smi_repairs);
    note_smi(cpu, cpu.shared.guest_smis, exit_start);
    return true;
}

bool is_rsm_damage(u32 raw_reason, Vmcs& vmcs) noexcept {
    const auto reason = decode_reason(raw_reason);
    if (reason == ExitReason::ept_violation)
        return true;  // the walk of the page of zeros, where it was moved away
    if (reason != ExitReason::exception_or_nmi) return false;
    const auto event = decode_interruption(vmcs.read<Field::exit_interruption_info>());
    return event && event->type == InterruptionType::hardware_exception &&
           event->vector == static_cast<u8>(Vector::page_fault);
}

}  // namespace rmv
