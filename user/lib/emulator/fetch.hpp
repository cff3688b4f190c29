// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <span>

#include "lib/guest_bus.hpp"
#include "lib/vcpu_state.hpp"

namespace rmguest {

struct CodeBytes {
    std::array<std::uint8_t, longest_instruction> bytes;
    std::size_t count = 0;

    [[nodiscard]] std::span<const std::uint8_t> span() const {
        return std::span(bytes).first(count);
    }
};

// Reads what lies at a linear address, as far as it is mapped and memory; sets no accessed bits and
// reads no devices. Returns how many bytes.
std::size_t peek(const VcpuState& state, GuestBus& bus, std::uint64_t linear,
                 std::span<std::uint8_t> bytes);
// Writes as far as that goes, also to pages that the guest itself may not write to.
std::size_t poke(const VcpuState& state, GuestBus& bus, std::uint64_t linear,
                 std::span<const std::uint8_t> bytes);

// CS:RIP, or another offset in CS.
[[nodiscard]] std::uint64_t code_address(const VcpuState& state, std::uint64_t offset);
// The instruction at CS:RIP and what follows.
[[nodiscard]] CodeBytes fetch(const VcpuState& state, GuestBus& bus);

}  // namespace rmguest
