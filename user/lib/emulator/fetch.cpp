// SPDX-License-Identifier: GPL-2.0-only
#include "fetch.hpp"

#include "paging.hpp"

namespace rmguest {
namespace {

std::uint8_t* byte_at(const VcpuState& state, GuestBus& bus, std::uint64_t linear, bool for_write) {
    const std::uint64_t wrapped =
        code_size(state) == CodeSize::bits64 ? linear : linear & 0xffff'ffff;
    const auto physical = translate(state, bus, wrapped, Access::look);
    const auto* address = std::get_if<std::uint64_t>(&physical);
    return address == nullptr ? nullptr : bus.memory(*address, 1, for_write);
}

}  // namespace

std::size_t peek(const VcpuState& state, GuestBus& bus, std::uint64_t linear,
                 std::span<std::uint8_t> bytes) {
    for (std::size_t index = 0; index < bytes.size(); ++index) {
        const auto* byte = byte_at(state, bus, linear + index, false);
        if (byte == nullptr) {
            return index;
        }
        bytes[index] = *byte;
    }
    return bytes.size();
}

std::size_t poke(const VcpuState& state, GuestBus& bus, std::uint64_t linear,
                 std::span<const std::uint8_t> bytes) {
    for (std::size_t index = 0; index < bytes.size(); ++index) {
        auto* byte = byte_at(state, bus, linear + index, true);
        if (byte == nullptr) {
            return index;
        }
        *byte = bytes[index];
    }
    return bytes.size();
}

std::uint64_t code_address(const VcpuState& state, std::uint64_t offset) {
    if (code_size(state) == CodeSize::bits64) {
        return offset;
    }
    return (state.system.cs.base + offset) & 0xffff'ffff;
}

CodeBytes fetch(const VcpuState& state, GuestBus& bus) {
    CodeBytes code{};
    code.count = peek(state, bus, code_address(state, state.registers.rip), code.bytes);
    return code;
}

}  // namespace rmguest
