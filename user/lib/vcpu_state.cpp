// SPDX-License-Identifier: GPL-2.0-only
#include "vcpu_state.hpp"

namespace rmguest {
namespace {

constexpr __u64 kvm_regs::*general_registers[general_register_count] = {
    &kvm_regs::rax, &kvm_regs::rcx, &kvm_regs::rdx, &kvm_regs::rbx, &kvm_regs::rsp, &kvm_regs::rbp,
    &kvm_regs::rsi, &kvm_regs::rdi, &kvm_regs::r8,  &kvm_regs::r9,  &kvm_regs::r10, &kvm_regs::r11,
    &kvm_regs::r12, &kvm_regs::r13, &kvm_regs::r14, &kvm_regs::r15};

bool is_virtual_8086(const VcpuState& state) {
    return (state.registers.rflags & rflags::virtual_8086) != 0 &&
           (state.system.cr0 & control::cr0_protection_enable) != 0;
}

}  // namespace

CodeSize code_size(const VcpuState& state) {
    if ((state.system.efer & control::efer_long_mode_active) != 0 && state.system.cs.l != 0) {
        return CodeSize::bits64;
    }
    return state.system.cs.db != 0 && !is_virtual_8086(state) ? CodeSize::bits32 : CodeSize::bits16;
}

CodeSize stack_size(const VcpuState& state) {
    if (code_size(state) == CodeSize::bits64) {
        return CodeSize::bits64;
    }
    return state.system.ss.db != 0 && !is_virtual_8086(state) ? CodeSize::bits32 : CodeSize::bits16;
}

bool is_protected(const VcpuState& state) {
    return (state.system.cr0 & control::cr0_protection_enable) != 0 && !is_virtual_8086(state);
}

bool is_paged(const VcpuState& state) { return (state.system.cr0 & control::cr0_paging) != 0; }

unsigned privilege_level(const VcpuState& state) {
    if (is_protected(state)) {
        return state.system.ss.dpl;  // SDM: CPL is SS.DPL
    }
    return is_virtual_8086(state) ? 3 : 0;
}

__u64& general_register(kvm_regs& registers, unsigned number) {
    return registers.*general_registers[number];
}

std::uint64_t general_register(const kvm_regs& registers, unsigned number) {
    return registers.*general_registers[number];
}

}  // namespace rmguest
