// SPDX-License-Identifier: GPL-2.0-only
#include "vmx/root_env.hpp"

#include "vmx/entry.hpp"

namespace rmv {

namespace {

enum Ist : u32 { ist_none = 0, ist_nmi = 1, ist_fault = 2, ist_double_fault = 3 };

constexpr u32 vector_nmi = 2;
constexpr u32 vector_double_fault = 8;

Gate make_gate(u64 handler, Ist ist) noexcept {
    constexpr u64 present_interrupt_gate = u64{0x8e} << 40;
    const u64 low = bits(handler, 15, 0) | (u64{root_code_selector} << 16) |
                    (static_cast<u64>(ist) << 32) | present_interrupt_gate |
                    (bits(handler, 31, 16) << 48);
    return {low, handler >> 32};
}

void build_gdt(Cpu& cpu) noexcept {
    cpu.gdt[selector_index(root_code_selector)] = descriptor_code64;
    cpu.gdt[selector_index(root_data_selector)] = descriptor_data;
    const SystemDescriptor tss = make_tss_descriptor(reinterpret_cast<u64>(&cpu.tss),
                                                     sizeof(TaskState) - 1, SystemType::tss_busy);
    cpu.gdt[selector_index(root_tss_selector)] = tss.low;
    cpu.gdt[selector_index(root_tss_selector) + 1] = tss.high;
}

void build_tss(Cpu& cpu) noexcept {
    cpu.tss.ist[ist_nmi - 1] = cpu.nmi_stack.top();
    cpu.tss.ist[ist_fault - 1] = cpu.fault_stack.top();
    cpu.tss.ist[ist_double_fault - 1] = cpu.double_fault_stack.top();
    cpu.tss.io_map_base = sizeof(TaskState);
}

// Root runs with interrupts off: vectors from 32 on can't come, and a gate that is not present
// turns a stray one into #NP, which is handled.
void build_idt(Cpu& cpu) noexcept {
    for (u32 vector = 0; vector < FAULT_VECTORS; ++vector) {
        const u64 stub = reinterpret_cast<u64>(visor_fault_stubs) + u64{vector} * FAULT_STUB_BYTES;
        cpu.idt[vector] =
            make_gate(stub, vector == vector_double_fault ? ist_double_fault : ist_fault);
    }
    cpu.idt[vector_nmi] = make_gate(reinterpret_cast<u64>(visor_nmi), ist_nmi);
}

}  // namespace

void build_root_environment(Cpu& cpu) noexcept {
    build_gdt(cpu);
    build_tss(cpu);
    build_idt(cpu);
}

u64 root_frame(Cpu& cpu) noexcept {
    constexpr u64 stack_alignment = 16;
    return (cpu.stack.top() - sizeof(ReturnFrame) - sizeof(rmv_gprs)) & ~(stack_alignment - 1);
}

}  // namespace rmv
