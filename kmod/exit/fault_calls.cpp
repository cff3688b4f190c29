// SPDX-License-Identifier: GPL-2.0-only
// Only in builds for tests: each failure is the real one, made by the CPU itself, and not a branch
// that pretends.
#include "exit/fault_calls.hpp"

#include "vmx/fault_injection.hpp"

namespace rmv {

namespace {

constexpr u64 fault_call = 0x524d'56ff;
constexpr u64 delay_call = 0x524d'56fe;
constexpr u64 unmapped_in_root = 0x1000;
constexpr auto missing_field = static_cast<Field>(0x7ffe);
constexpr u32 blocking_by_both =
    static_cast<u32>(mask(Interruptibility::blocking_by_sti, Interruptibility::blocking_by_mov_ss));

[[nodiscard]] visor_injected_fault called_fault(const ExitContext& exit) noexcept {
    return exit.gprs.rax == fault_call ? static_cast<visor_injected_fault>(exit.gprs.rsi)
                                       : VISOR_INJECT_NONE;
}

[[nodiscard]] bool from_user_mode(Vmcs& vmcs) noexcept {
    return bits(vmcs.read<Field::guest_ss_access_rights>(), access_rights_dpl_shift + 1,
                access_rights_dpl_shift) == 3;
}

// Below root's stack lies its guard page.
void touch_guard(Cpu& cpu) noexcept {
    static_cast<volatile u8&>(cpu.stack.guard.bytes[page_size - 1]) = 0;
}

void read_unmapped() noexcept {
    static_cast<void>(*reinterpret_cast<volatile u8*>(unmapped_in_root));
}

// An entry with these meets a rule that it breaks.
void spoil_controls(Vmcs& vmcs) noexcept { vmcs.write<Field::pin_based_controls>(~u32{0}); }
void spoil_host(Vmcs& vmcs) noexcept { vmcs.write<Field::host_cr4>(u64{0}); }
void spoil_guest(Vmcs& vmcs) noexcept {
    vmcs.write<Field::guest_activity>(static_cast<u32>(Activity::wait_for_sipi) + 1);
}

Action lose_vmcs(ExitContext& exit) noexcept {
    static_cast<void>(insn::vmclear(exit.cpu.linux_vmcs_phys));
    static_cast<void>(exit.vmcs.read<Field::guest_rip>());
    return Action::skip;
}

// spoil_leave() does the second half.
Action fault_twice(Cpu& cpu) noexcept {
    cpu.armed_fault = VISOR_INJECT_SECOND_FAULT;
    read_unmapped();
    return Action::skip;
}

Action do_fault(ExitContext& exit, visor_injected_fault fault) noexcept {
    switch (fault) {
        case VISOR_INJECT_USER_EXIT:
        case VISOR_INJECT_VMXOFF:
            exit.cpu.armed_fault = static_cast<u32>(fault);
            return Action::skip;
        case VISOR_INJECT_VMREAD:
            static_cast<void>(exit.vmcs.read_raw(missing_field));
            return Action::skip;
        case VISOR_INJECT_LOST_VMCS: return lose_vmcs(exit);
        case VISOR_INJECT_ENTRY_CONTROL: return spoil_controls(exit.vmcs), Action::skip;
        case VISOR_INJECT_ENTRY_HOST: return spoil_host(exit.vmcs), Action::skip;
        case VISOR_INJECT_ENTRY_GUEST:
            // skip_instruction() would end the blocking: this one stays at the VMCALL.
            exit.vmcs.write<Field::guest_interruptibility>(blocking_by_both);
            return Action::resume;
        case VISOR_INJECT_LEAVE_HOST: return spoil_host(exit.vmcs), Action::leave;
        case VISOR_INJECT_LEAVE_GUEST:
            exit.vmcs.write<Field::guest_pending_debug>(~u64{0});
            return Action::leave;
        case VISOR_INJECT_PAGE_FAULT: return read_unmapped(), Action::skip;
        case VISOR_INJECT_UNDEFINED: asm volatile("ud2"); return Action::skip;
        case VISOR_INJECT_STACK_GUARD: return touch_guard(exit.cpu), Action::skip;
        case VISOR_INJECT_MACHINE_CHECK: return insn::raise_machine_check(), Action::skip;
        case VISOR_INJECT_MACHINE_CHECK_LEAVE: return insn::raise_machine_check(), Action::leave;
        case VISOR_INJECT_SECOND_FAULT: return fault_twice(exit.cpu);
        case VISOR_INJECT_NONE:
        case VISOR_INJECT_ABSENT:
        case VISOR_INJECT_VMXON:
        case VISOR_INJECT_VMCLEAR:
        case VISOR_INJECT_VMPTRLD:
        case VISOR_INJECT_INVEPT:
        case VISOR_INJECT_VMWRITE:
        case VISOR_INJECT_LAUNCH_CONTROL:
        case VISOR_INJECT_LAUNCH_HOST:
        case VISOR_INJECT_LAUNCH_GUEST:
        case VISOR_INJECT_UNKNOWN_EXIT:
        case VISOR_INJECT_UNEXPECTED_EXIT:
        case VISOR_INJECT_COUNT: return Action::unhandled;
    }
    return Action::unhandled;
}

}  // namespace

u32 injected_reason(ExitContext& exit, u32 raw_reason) noexcept {
    constexpr u32 reason_of_nothing = 200;
    Cpu& cpu = exit.cpu;
    if (cpu.armed_fault == VISOR_INJECT_USER_EXIT && from_user_mode(exit.vmcs)) {
        cpu.armed_fault = VISOR_INJECT_NONE;
        return reason_of_nothing;
    }
    if (raw_reason != static_cast<u32>(ExitReason::vmcall)) return raw_reason;
    const visor_injected_fault fault = called_fault(exit);
    if (fault == VISOR_INJECT_UNKNOWN_EXIT) return reason_of_nothing;
    return fault == VISOR_INJECT_UNEXPECTED_EXIT ? static_cast<u32>(ExitReason::hlt) : raw_reason;
}

std::optional<Action> injected_call(ExitContext& exit) noexcept {
    if (exit.gprs.rax == delay_call) {
        exit.cpu.window_delay = low32(exit.gprs.rsi);
        exit.gprs.rax = 0;
        return Action::skip;
    }
    const visor_injected_fault fault = called_fault(exit);
    if (fault == VISOR_INJECT_NONE) return std::nullopt;
    exit.gprs.rax = 0;
    return do_fault(exit, fault);
}

void record_window_nmis(Cpu& cpu) noexcept { cpu.shared.nmi_in_window = cpu.window_nmis; }

void spoil_vmcs(Cpu& cpu, Vmcs& vmcs) noexcept {
    switch (static_cast<visor_injected_fault>(cpu.armed_fault)) {
        case VISOR_INJECT_VMWRITE: vmcs.write_raw(missing_field, 0); break;
        case VISOR_INJECT_LAUNCH_CONTROL: spoil_controls(vmcs); break;
        case VISOR_INJECT_LAUNCH_HOST: spoil_host(vmcs); break;
        case VISOR_INJECT_LAUNCH_GUEST: spoil_guest(vmcs); break;
        default: break;  // it struck elsewhere, or strikes later
    }
    cpu.armed_fault = VISOR_INJECT_NONE;
}

bool spoil_vmxoff(Cpu& cpu) noexcept {
    if (cpu.armed_fault != VISOR_INJECT_VMXOFF) return false;
    cpu.armed_fault = VISOR_INJECT_NONE;
    return true;
}

void spoil_leave(Cpu& cpu) noexcept {
    if (cpu.armed_fault != VISOR_INJECT_SECOND_FAULT) return;
    cpu.armed_fault = VISOR_INJECT_NONE;
    asm volatile("ud2");
}

}  // namespace rmv

using namespace rmv;

void visor_fault_at_launch(visor_cpu* opaque, rmv_u32 fault) {
    reinterpret_cast<Cpu*>(opaque)->armed_fault = fault;
}

rmv_u64 visor_fault_now(rmv_u32 fault) { return visor_call(fault_call, fault); }

rmv_u64 visor_fault_delay(rmv_u32 loops) { return visor_call(delay_call, loops); }
