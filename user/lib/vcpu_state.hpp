// SPDX-License-Identifier: GPL-2.0-only
//
// The registers of a vCPU, and what they say about its mode.
#pragma once

#include <linux/kvm.h>

#include <cstdint>

#include "disassembler.hpp"

namespace rmguest {

struct VcpuState {
    kvm_regs registers;
    kvm_sregs system;
};

// Bits of RFLAGS (SDM: EFLAGS Register).
namespace rflags {
constexpr std::uint64_t carry = 1u << 0;
constexpr std::uint64_t parity = 1u << 2;
constexpr std::uint64_t adjust = 1u << 4;
constexpr std::uint64_t zero = 1u << 6;
constexpr std::uint64_t sign = 1u << 7;
constexpr std::uint64_t trap = 1u << 8;
constexpr std::uint64_t interrupt_enable = 1u << 9;
constexpr std::uint64_t direction = 1u << 10;
constexpr std::uint64_t overflow = 1u << 11;
constexpr std::uint64_t resume = 1u << 16;
constexpr std::uint64_t virtual_8086 = 1u << 17;
constexpr std::uint64_t alignment_check = 1u << 18;
constexpr std::uint64_t status = carry | parity | adjust | zero | sign | overflow;
}  // namespace rflags

// SDM: Control Registers; IA32_EFER.
namespace control {
constexpr std::uint64_t cr0_protection_enable = 1u << 0;
constexpr std::uint64_t cr0_write_protect = 1u << 16;
constexpr std::uint64_t cr0_paging = 1u << 31;
constexpr std::uint64_t cr4_page_size_extensions = 1u << 4;
constexpr std::uint64_t cr4_physical_address_extension = 1u << 5;
constexpr std::uint64_t cr4_57_bit_linear = 1u << 12;
constexpr std::uint64_t cr4_supervisor_access_prevention = 1u << 21;
constexpr std::uint64_t efer_long_mode_active = 1u << 10;
constexpr std::uint64_t efer_no_execute = 1u << 11;
}  // namespace control

// Which of CS's default sizes is in force. CS.D counts in real mode too.
[[nodiscard]] CodeSize code_size(const VcpuState& state);
// How wide pushes and pops address the stack.
[[nodiscard]] CodeSize stack_size(const VcpuState& state);
[[nodiscard]] bool is_protected(const VcpuState& state);  // but not virtual-8086 mode
[[nodiscard]] bool is_paged(const VcpuState& state);
// 0 in real mode, 3 in virtual-8086 mode.
[[nodiscard]] unsigned privilege_level(const VcpuState& state);

constexpr unsigned general_register_count = 16;

// By the number that instructions use: 0 RAX, 1 RCX, 2 RDX, 3 RBX, 4 RSP, 5 RBP, 6 RSI, 7 RDI,
// R8...
[[nodiscard]] __u64& general_register(kvm_regs& registers, unsigned number);
[[nodiscard]] std::uint64_t general_register(const kvm_regs& registers, unsigned number);

}  // namespace rmguest
