// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/leave.hpp"

#include "vmx/controls.hpp"
#include "vmx/fault_injection.hpp"
#include "vmx/globals.hpp"
#include "vmx/interruption.hpp"
#include "vmx/linux_image.hpp"
#include "vmx/local_apic.hpp"
#include "vmx/trace_event.hpp"
#include "vmx/vmxoff.hpp"

namespace rmv {

namespace {

// An NMI of our own arrives within a few instructions of the ICR write.
constexpr u32 own_nmi_polls = 1'000'000;

// Root's fault handler needs root's GS and IDT, so what may fault comes before they go. The exit
// has cleared IA32_DEBUGCTL (SDM: Loading Host Control Registers, Debug Registers, MSRs); a CPU
// without the MSR has 0 here, and one that had the value in it takes it again.
void restore_what_may_fault(const LinuxImage& image) noexcept {
    if (image.debugctl != 0)
        static_cast<void>(visor_safe_wrmsr(static_cast<u32>(Msr::debugctl), image.debugctl));
}

void send_own_nmi(Cpu& cpu) noexcept {
    count(cpu.shared.own_nmis);
    send_ipi(cpu.apic_id, DeliveryMode::nmi, 0);
}

// Under Linux's page-table isolation user code can't be fetched on the kernel's tables, and the CPU
// returns to it on these when an exit in user mode was given up.
[[nodiscard]] bool on_kernel_tables(const LinuxImage& image) noexcept {
    constexpr u64 user_mode = 3;
    return globals.cr3_user_bits != 0 && (image.frame.cs & user_mode) == user_mode;
}

}  // namespace

// With NMI exiting on, blocking by NMI is virtual and lets NMIs into root: it goes off.
Next begin_leave(Cpu& cpu, Vmcs& vmcs) noexcept {
    constexpr u32 timer = static_cast<u32>(mask(Pin::preemption_timer));
    constexpr u32 nmis = static_cast<u32>(mask(Pin::nmi_exiting, Pin::virtual_nmis));
    take_back_nmi(cpu, vmcs);
    cpu.leave.pending = true;
    cpu.quick = 0;
    const u32 pin = vmcs.read<Field::pin_based_controls>();
    vmcs.write<Field::pin_based_controls>((pin | timer) & ~nmis);
    vmcs.write<Field::preemption_timer_value>(u32{0});
    vmcs.write<Field::guest_interruptibility>(
        static_cast<u32>(mask(Interruptibility::blocking_by_nmi)));
    vmcs.write<Field::guest_activity>(static_cast<u32>(Activity::active));
    if (vmcs.status().ok()) return Next::enter;
    block_nmis_without_entry(cpu);
    return Next::leave;
}

void block_nmis_without_entry(Cpu& cpu) noexcept {
    cpu.nmi_returns_by_iret = 0;
    // One that has hit root already blocks them until Linux's IRET.
    if ((load_acquire(cpu.pending) & PENDING_NMI) != 0) return;
    send_own_nmi(cpu);
    for (u32 i = 0; i < own_nmi_polls && (load_acquire(cpu.pending) & PENDING_NMI) == 0; ++i)
        insn::pause();
}

void take_back_nmi(Cpu& cpu, Vmcs& vmcs) noexcept {
    const auto event = decode_interruption(vmcs.read<Field::entry_interruption_info>());
    if (!event || !event->is(InterruptionType::nmi)) return;
    vmcs.write<Field::entry_interruption_info>(u32{0});
    cpu.leave.seen |= PENDING_NMI;
}

}  // namespace rmv

using namespace rmv;

// In root, Linux's VMCS current, NMIs blocked. Fills the return frame above the saved registers.
Next visor_finish_leave(rmv_gprs* gprs, Cpu* cpu) {
    const u64 start = insn::rdtsc();
    Vmcs vmcs;
    const LinuxImage image = read_linux_image(vmcs);
    *reinterpret_cast<ReturnFrame*>(gprs + 1) = image.frame;
    spoil_leave(*cpu);
    restore_what_may_fault(image);
    // Not looked at: the next launch does VMCLEAR and VMPTRLD, and looks.
    static_cast<void>(insn::vmclear(cpu->linux_vmcs_phys));
    const u32 seen = exchange(cpu->pending, u32{0}) | cpu->leave.seen | cpu->deferred;
    if ((seen & PENDING_NMI) != 0)  // blocked until the IRETQ, then Linux's
        send_ipi(cpu->apic_id, DeliveryMode::nmi, 0);
    // An NMI comes before the fetch (SDM: Priority Among Concurrent Events), and Linux returns from
    // it on the right tables.
    if (on_kernel_tables(image)) send_own_nmi(*cpu);
    trace_event(*cpu, RMVISOR_TRACE_LEAVE, start, 0);
    // All state is written before VMXOFF: an INIT that waits acts there and then.
    cpu->mode = Mode::off;
    cpu->shared.smis_stay_blocked = vmxoff_keeps_smis_blocked() ? 1 : 0;
    cpu->shared.leave_ticks = insn::rdtsc() - start;
    if (!leave_vmx_operation(*cpu)) return stay_in_vmx(*cpu, seen);
    cpu->leave = {};
    cpu->deferred = 0;
    restore_linux_image(image, cpu->gdt_writable);
    store_release(cpu->shared.state, u32{VISOR_CPU_NATIVE});
    // Linux's handler runs here, on root's stack, and comes back.
    if ((seen & PENDING_MACHINE_CHECK) != 0) insn::raise_machine_check();
    return Next::leave;
}
