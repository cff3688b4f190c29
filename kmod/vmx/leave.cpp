// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/leave.hpp"

#include "vmx/controls.hpp"
#include "vmx/linux_image.hpp"
#include "vmx/local_apic.hpp"
#include "vmx/trace_event.hpp"

namespace rmv {

namespace {

// An NMI of our own arrives within a few instructions of the ICR write.
constexpr u32 own_nmi_polls = 1'000'000;

// Root's fault handler needs root's GS and IDT, so what may fault comes before they go. The exit has
// cleared IA32_DEBUGCTL (SDM: Loading Host Control Registers, Debug Registers, MSRs); a CPU without
// the MSR has 0 here, and one that had the value in it takes it again.
void restore_what_may_fault(const LinuxImage& image) noexcept {
    if (image.debugctl != 0)
        static_cast<void>(visor_safe_wrmsr(static_cast<u32>(Msr::debugctl), image.debugctl));
}

}  // namespace

Next begin_leave(Cpu& cpu, Vmcs& vmcs) noexcept {
    cpu.leave.pending = true;
    const u32 pin = vmcs.read<Field::pin_based_controls>();
    vmcs.write<Field::pin_based_controls>(pin | static_cast<u32>(mask(Pin::preemption_timer)));
    vmcs.write<Field::preemption_timer_value>(u32{0});
    vmcs.write<Field::guest_interruptibility>(
        static_cast<u32>(mask(Interruptibility::blocking_by_nmi)));
    vmcs.write<Field::guest_activity>(static_cast<u32>(Activity::active));
    if (vmcs.status().ok())
        return Next::enter;
    block_nmis_without_entry(cpu);
    return Next::leave;
}

void block_nmis_without_entry(Cpu& cpu) noexcept {
    cpu.nmi_returns_by_iret = 0;
    store_relaxed(cpu.pending, u32{0});
    send_ipi(cpu.apic_id, DeliveryMode::nmi, 0);
    for (u32 i = 0; i < own_nmi_polls && load_acquire(cpu.pending) == 0; ++i)
        insn::pause();
}

}  // namespace rmv

using namespace rmv;

// In root, Linux's VMCS current, NMIs blocked. Fills the return frame above the saved registers.
void visor_finish_leave(rmv_gprs* gprs, Cpu* cpu) {
    const u64 start = insn::rdtsc();
    Vmcs vmcs;
    const LinuxImage image = read_linux_image(vmcs);
    *reinterpret_cast<ReturnFrame*>(gprs + 1) = image.frame;
    restore_what_may_fault(image);
    // Not looked at: the next launch does VMCLEAR and VMPTRLD, and looks.
    static_cast<void>(insn::vmclear(cpu->linux_vmcs_phys));
    const bool nmi_seen = exchange(cpu->pending, u32{0}) != 0 || cpu->leave.nmi_seen;
    if (nmi_seen)  // blocked until the IRETQ, then Linux's
        send_ipi(cpu->apic_id, DeliveryMode::nmi, 0);
    trace_event(*cpu, RMVISOR_TRACE_LEAVE, start, 0);
    // All state is written before VMXOFF: an INIT that waits acts there and then.
    cpu->leave = {};
    cpu->mode = Mode::off;
    cpu->shared.leave_ticks = insn::rdtsc() - start;
    insn::vmxoff();
    restore_linux_image(image, cpu->gdt_writable);
    store_release(cpu->shared.state, u32{VISOR_CPU_NATIVE});
}
