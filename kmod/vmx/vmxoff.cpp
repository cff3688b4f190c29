// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/vmxoff.hpp"

#include "vmx/controls.hpp"
#include "vmx/fault.hpp"
#include "vmx/fault_injection.hpp"
#include "vmx/globals.hpp"
#include "x86/smm.hpp"

namespace rmv {

namespace {

// What begin_leave() has written for the last entry. NMIs are blocked here; the entry unblocks
// them.
Status undo_last_entry() noexcept {
    Vmcs vmcs;
    constexpr u32 timer = static_cast<u32>(mask(Pin::preemption_timer));
    vmcs.write<Field::pin_based_controls>(vmcs.read<Field::pin_based_controls>() & ~timer);
    vmcs.write<Field::guest_interruptibility>(u32{0});
    return vmcs.status();
}

}  // namespace

bool vmxoff_keeps_smis_blocked() noexcept {
    // The MSR exists only where the CPU knows the dual-monitor treatment.
    if ((globals.facts.vmx_basic & vmx_basic_dual_monitor) == 0) return false;
    u64 control = 0;
    return visor_safe_rdmsr(static_cast<u32>(Msr::smm_monitor_ctl), &control) &&
           has(control, SmmMonitorCtl::vmxoff_keeps_smis_blocked);
}

bool leave_vmx_operation(Cpu& cpu) noexcept { return !spoil_vmxoff(cpu) && insn::vmxoff(); }

Next stay_in_vmx(Cpu& cpu, u32 seen) noexcept {
    const bool requested = cpu.leave.requested;
    cpu.leave = {};
    cpu.deferred = 0;
    record_refused_vmxoff(cpu);
    if (!requested || !insn::vmptrld(cpu.linux_vmcs_phys)) stand_still(cpu);
    cpu.vmcs_launched = 0;  // VMCLEAR has made it so
    cpu.taking = false;
    cpu.mode = Mode::linux_guest;
    if (!undo_last_entry().ok()) stand_still(cpu);
    // NMIs have been sent to this CPU again already.
    set_bits(cpu.pending, seen & PENDING_MACHINE_CHECK);
    store_release(cpu.shared.state, u32{VISOR_CPU_LINUX});
    return Next::enter;
}

}  // namespace rmv
