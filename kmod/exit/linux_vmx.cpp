// SPDX-License-Identifier: GPL-2.0-only
// VMX as Linux sees it while it is a guest: CR4.VMXE can be set (KVM oopses if that faults) and
// shows, VMXON then gets #GP(0), everything else is #UD. KVM's own error path copes with that.
#include "exit/event.hpp"
#include "exit/fault_calls.hpp"
#include "exit/linux_exits.hpp"
#include "vmx/globals.hpp"
#include "vmx/leave.hpp"
#include "vmx/trace_event.hpp"
#include "vmx/watch.hpp"
#include "x86/control_registers.hpp"

namespace rmv {

namespace {

[[nodiscard]] u64 linux_cr4(Vmcs& vmcs) noexcept {
    constexpr u64 vmxe = mask(Cr4::vmxe);
    return (vmcs.read<Field::guest_cr4>() & ~vmxe) | (vmcs.read<Field::cr4_read_shadow>() & vmxe);
}

// Bits whose change has side effects beyond a TLB flush, or that can't change in IA-32e mode.
constexpr u64 cr4_fixed_in_long_mode = mask(Cr4::pae, Cr4::la57, Cr4::pcide);

[[nodiscard]] bool cr4_is_legal(u64 value, u64 old) noexcept {
    const u64 reserved = value & ~(globals.facts.cr4_fixed1);
    return reserved == 0 && ((value ^ old) & cr4_fixed_in_long_mode) == 0;
}

// The exit comes only for a write that changes VMXE as Linux sees it.
Action write_cr4(ExitContext& exit, u64 value) noexcept {
    Vmcs& vmcs = exit.vmcs;
    const u64 old = linux_cr4(vmcs);
    if (!cr4_is_legal(value, old)) return general_protection(exit.vmcs);
    vmcs.write<Field::cr4_read_shadow>(value);
    vmcs.write<Field::guest_cr4>(value | mask(Cr4::vmxe));
    // A MOV to CR4 that changes PGE, SMEP and the like flushes; ours did not execute there.
    const u64 vpid = u64{exit.cpu.number} + 1;
    if (((value ^ old) & ~mask(Cr4::vmxe)) != 0 &&
        !insn::invvpid(insn::InvvpidType::single_context, {vpid, 0}))
        return Action::unhandled;
    return Action::skip;
}

[[nodiscard]] bool comes_from_the_shim(Vmcs& vmcs) noexcept {
    const u64 rip = vmcs.read<Field::guest_rip>();
    return privilege_level(vmcs) == 0 && rip >= globals.text_begin && rip < globals.text_end;
}

// From now on NMIs exit: once Linux has let go of the CPU, one of them parks it.
Action prepare_take(ExitContext& exit) noexcept {
    const u32 pin = exit.vmcs.read<Field::pin_based_controls>();
    exit.vmcs.write<Field::pin_based_controls>(
        pin | static_cast<u32>(mask(Pin::nmi_exiting, Pin::virtual_nmis)));
    exit.cpu.taking = true;
    // Its time is the exit's, whose own record comes next: a CPU's records are in the order of
    // time.
    trace_event(exit.cpu, RMVISOR_TRACE_TAKE, exit.start, 0);
    exit.gprs.rax = call_done;
    return Action::skip;
}

// The old map's translations must be gone before its tables are freed.
Action use_map(ExitContext& exit, u64 ept_pointer) noexcept {
    globals.linux_ept_pointer = ept_pointer;
    exit.vmcs.write<Field::ept_pointer>(ept_pointer);
    if (!insn::invept(insn::InveptType::all_contexts, {0, 0})) return Action::unhandled;
    exit.gprs.rax = call_done;
    return Action::skip;
}

}  // namespace

Action handle_cr_access(ExitContext& exit) noexcept {
    const CrAccess access = decode_cr_access(exit.vmcs.read<Field::exit_qualification>());
    constexpr u8 cr4 = 4;
    if (access.type != CrAccessType::mov_to_cr || access.control_register != cr4)
        return Action::unhandled;
    return write_cr4(exit, exit.read_register(access.general_register));
}

Action handle_vmxon(ExitContext& exit) noexcept {
    return has(exit.vmcs.read<Field::cr4_read_shadow>(), Cr4::vmxe)
               ? general_protection(exit.vmcs)
               : undefined_instruction(exit.vmcs);
}

Action handle_vmcall(ExitContext& exit) noexcept {
    if (!comes_from_the_shim(exit.vmcs)) return undefined_instruction(exit.vmcs);
    if (const auto forced = injected_call(exit)) return *forced;
    switch (static_cast<Call>(exit.gprs.rax)) {
        case Call::leave: exit.gprs.rax = call_done; return Action::leave;
        case Call::prepare_take: return prepare_take(exit);
        case Call::use_map: return use_map(exit, exit.gprs.rsi);
        case Call::watch:
            follow_watch(exit.cpu, exit.vmcs, true);
            exit.gprs.rax = call_done;
            return Action::skip;
    }
    return undefined_instruction(exit.vmcs);
}

}  // namespace rmv
