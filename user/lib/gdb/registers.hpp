// SPDX-License-Identifier: GPL-2.0-only
//
// The registers that GDB sees, in GDB's order, and the description that tells it so.
//
// GDB's i8086 knows flat addresses only. So that breakpoints, x/i $pc and symbols mean the same
// bytes, eip is the linear address CS.base + IP here; all others are what they are.
#pragma once

#include <linux/kvm.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lib/error.hpp"
#include "lib/vcpu_state.hpp"

namespace rmguest {

struct GdbRegisters {
    VcpuState state;
    kvm_fpu fpu;
};

[[nodiscard]] std::size_t gdb_register_count();
// Bytes of a register in packets, little endian.
[[nodiscard]] std::size_t gdb_register_size(std::size_t number);
[[nodiscard]] std::vector<std::uint8_t> read_gdb_register(const GdbRegisters& registers,
                                                          std::size_t number);
// `bytes` has the register's size. What is there already can always be written.
[[nodiscard]] Outcome write_gdb_register(GdbRegisters& registers, std::size_t number,
                                         std::span<const std::uint8_t> bytes);

// target.xml
[[nodiscard]] std::string gdb_target_description();

}  // namespace rmguest
