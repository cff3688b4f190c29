// SPDX-License-Identifier: GPL-2.0-only
#include "visor/last_resort.hpp"

#include "vmx/fault.hpp"
#include "vmx/local_apic.hpp"
#include "vmx/trace_event.hpp"

namespace rmv {

namespace {

// Nothing that Linux or the next kernel looks at may be written after VMXOFF.
[[nodiscard]] bool forget_vmx(Cpu& cpu) noexcept {
    static_cast<void>(insn::vmclear(cpu.linux_vmcs_phys));
    cpu.mode = Mode::off;
    store_release(cpu.shared.state, u32{VISOR_CPU_NATIVE});
    return insn::vmxoff();
}

struct PortWrite {
    u16 port;
    u8 value;
};

// Reset control register (warm, then the edge), then the keyboard controller's reset line.
constexpr PortWrite reset_writes[] = {{0xcf9, 0x02}, {0xcf9, 0x06}, {0x64, 0xfe}};

}  // namespace

void reset_platform(Cpu& cpu) noexcept {
    // Where VMXOFF fails the chipset may still reset.
    static_cast<void>(forget_vmx(cpu));
    for (const PortWrite& write : reset_writes) insn::outb(write.port, write.value);
    // The chipset took neither: do natively what Linux did.
    insn::lidt({0, 0});
    insn::int3();
    for (;;) insn::halt_forever();
}

void become_bare_cpu(Cpu& cpu, Vmcs& vmcs) noexcept {
    constexpr u32 reason = static_cast<u32>(ExitReason::init_signal);
    record_exit_fault(cpu, vmcs, VISOR_FAULT_INIT, reason, 0);
    trace_event(cpu, RMVISOR_TRACE_INIT, insn::rdtsc(), 0);
    const u32 apic_id = cpu.apic_id;
    if (!forget_vmx(cpu)) stand_still(cpu);
    send_ipi(apic_id, DeliveryMode::init, 0);
    for (;;) insn::halt_forever();
}

}  // namespace rmv
