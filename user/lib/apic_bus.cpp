// SPDX-License-Identifier: GPL-2.0-only
#include "apic_bus.hpp"

#include <linux/kvm.h>
#include <sys/ioctl.h>

#include <cstring>

namespace rmguest {
namespace {

constexpr std::uint64_t apic_address = 0xfee00000, apic_size = 0x1000;

bool is_apic(std::uint64_t address) { return address - apic_address < apic_size; }

}  // namespace

std::uint8_t* ApicBus::memory(std::uint64_t address, unsigned size, bool for_write) {
    return is_apic(address) ? nullptr : rest_.memory(address, size, for_write);
}

std::uint64_t ApicBus::read(std::uint64_t address, unsigned size) {
    kvm_lapic_state state{};
    const std::uint64_t offset = address - apic_address;
    if (!is_apic(address) || ::ioctl(vcpu_, KVM_GET_LAPIC, &state) != 0) {
        return rest_.read(address, size);
    }
    std::uint64_t value = 0;
    // The registers end at 400h, and nothing is behind them.
    if (offset + size <= sizeof(state.regs)) {
        std::memcpy(&value, state.regs + offset, size);
    }
    return value;
}

void ApicBus::write(std::uint64_t address, unsigned size, std::uint64_t value) {
    if (!is_apic(address)) {
        rest_.write(address, size, value);
    }
}

}  // namespace rmguest
