// SPDX-License-Identifier: GPL-2.0-only
// GIVE_BACK: the CPU goes back to where it was taken from Linux.
#include "rm_guest/apic/deliver.hpp"
#include "rm_guest/commands.hpp"
#include "rm_guest/debug_registers.hpp"
#include "rm_guest/exchanged_msrs.hpp"
#include "rm_guest/flush_secrets.hpp"
#include "rm_guest/fpu.hpp"
#include "vmx/controls.hpp"
#include "vmx/globals.hpp"
#include "vmx/leave.hpp"
#include "vmx/trace_event.hpp"

namespace rmv {

namespace {

// Linux's VMCS current, with the controls that Linux has when nobody takes its CPU. It was launched
// and has stayed active on this CPU, so its launch state is "launched" still.
Status switch_to_linux_vmcs(Cpu& cpu) noexcept {
    if (!insn::vmclear(cpu.rm_vmcs_phys) || !insn::vmptrld(cpu.linux_vmcs_phys))
        return {VISOR_VMCS_FAILED};
    cpu.rm.configured = false;
    apic::close_inbox(cpu);
    cpu.vmcs_launched = 1;
    Vmcs vmcs;
    constexpr u32 taken = static_cast<u32>(mask(Pin::nmi_exiting, Pin::virtual_nmis));
    vmcs.write<Field::pin_based_controls>(vmcs.read<Field::pin_based_controls>() & ~taken);
    // Linux may have changed its map meanwhile.
    vmcs.write<Field::ept_pointer>(globals.linux_ept_pointer);
    vmcs.write<Field::host_cr3>(globals.root_cr3);
    return vmcs.status();
}

}  // namespace

std::optional<Next> give_back(Cpu& cpu, rmv_gprs& gprs) noexcept {
    if (const Status status = switch_to_linux_vmcs(cpu); !status.ok()) {
        answer(cpu, status);
        return std::nullopt;
    }
    // NMIs until here were kicks; from here on they are Linux's.
    (void)exchange(cpu.pending, u32{0});
    cpu.nmi_returns_by_iret = 0;
    trace_event(cpu, RMVISOR_TRACE_GIVE_BACK, insn::rdtsc(), 0);
    cpu.mode = Mode::linux_guest;
    cpu.taking = false;
    gprs = cpu.linux_gprs;
    give_back_fpu(cpu);
    give_back_exchanged_msrs(cpu);
    flush_secrets();
    reset_debug_addresses();
    answer(cpu, success);
    cpu.leave.requested = true;
    Vmcs vmcs;
    return begin_leave(cpu, vmcs);
}

}  // namespace rmv
