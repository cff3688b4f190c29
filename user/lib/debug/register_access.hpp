// SPDX-License-Identifier: GPL-2.0-only
//
// Registers by the names that people use: eax, ax, al, ds, ip, flags, cr0...
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/error.hpp"
#include "lib/vcpu_state.hpp"

namespace rmguest {

[[nodiscard]] std::optional<std::uint64_t> read_register(const VcpuState& state,
                                                         std::string_view name);
// A segment register gets its base too, which only real and virtual-8086 mode can tell from the
// selector; elsewhere it is an error.
[[nodiscard]] Outcome write_register(VcpuState& state, std::string_view name, std::uint64_t value);

// Null for what is no segment register.
[[nodiscard]] const kvm_segment* segment_register(const VcpuState& state, std::string_view name);
// The linear address of an offset in it.
[[nodiscard]] std::uint64_t address_in(const VcpuState& state, const kvm_segment& segment,
                                       std::uint64_t offset);

[[nodiscard]] std::vector<std::string> register_names();

}  // namespace rmguest
